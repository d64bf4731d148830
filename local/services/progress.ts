// What a start, stop or reset tells its caller while it runs. Nothing in local/services prints.

import type { ServiceName } from "./record.ts";

export interface Progress {
  service: ServiceName | "python" | "certificates" | "application";
  state: "preparing" | "starting" | "ready" | "unchanged" | "died" | "moved" | "stopping" | "stopped";
  /** The state in words for a person, e.g. `ready on 127.0.0.1:25111 after 0.8 s (PostgreSQL 15.18)`. */
  text: string;
}

export type OnProgress = (progress: Progress) => void;
