import { defineConfig } from "vitest/config";

// The modules run as they are; a browser's store, DOM and network stand around them (tests/browser.js).
export default defineConfig({
  test: { include: ["tests/*.test.js"], environment: "happy-dom", testTimeout: 10_000, restoreMocks: true },
});
