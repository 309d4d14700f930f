/** Of the service worker: addresses of the shell's files, and the digest of the build (build.mjs). */
declare const SHELL: string[];
declare const VERSION: string;

// What TypeScript's library does not have yet.
interface ExtendableEvent {
  addRoutes?(rules: { condition: { requestMethod: string }; source: "network" }): Promise<void>;
}
interface SyncEvent extends ExtendableEvent {
  readonly tag: string;
}
interface ServiceWorkerGlobalScopeEventMap {
  sync: SyncEvent;
}
