// Rules for every script of the tree; run from src/linbao, so that the rooms' own scripts are read too.
import js from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["**/node_modules/", "shell/static/dist*/"] },
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2023, sourceType: "module", globals: globals.browser },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: ["error", "always", { null: "ignore" }],
      "no-var": "error",
      "prefer-const": ["error", { destructuring: "all" }],
      "no-implicit-globals": "error",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-unmodified-loop-condition": "error",
      "no-self-compare": "error",
      "no-throw-literal": "error",
      "require-atomic-updates": "off", // reports what one event loop cannot interleave
      "array-callback-return": "error",
      "default-case-last": "error",
      radix: "error",
      complexity: ["error", 20],
      "max-params": ["error", 5],
    },
  },
  { files: ["shell/assets/js/sw.js"], languageOptions: { globals: globals.serviceworker } },
  { files: ["shell/assets/*.mjs", "shell/assets/tests/**"], languageOptions: { globals: globals.node } },
];
