import type * as Offline from "./queue.js";

declare global {
  interface Navigator {
    userAgentData?: { platform: string };
  }
  interface ServiceWorkerRegistration {
    sync?: { register(tag: string): Promise<void> };
  }
  /** What the forms of the rooms may use of the queue (queue_view.js). */
  interface Window {
    linbaoQueue?: {
      person: string;
      send(wait?: boolean): Promise<unknown>;
      toast(text: string, tone?: string): void;
      token(): string;
      get(id: string): Promise<Offline.Entry | null>;
      put(entry: Offline.Entry): Promise<Offline.Entry>;
      drop(id: string, whole?: boolean): Promise<void>;
      putFile(entry: string, id: string, data: BufferSource): Promise<void>;
      file(id: string): Promise<ArrayBuffer | null>;
      dropFile(id: string): Promise<void>;
    };
  }
}
