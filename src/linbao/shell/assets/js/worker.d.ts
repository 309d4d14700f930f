/** Of the service worker: addresses of the shell's files, and the digest of the build (build.mjs). */
declare const SHELL: string[];
declare const VERSION: string;
