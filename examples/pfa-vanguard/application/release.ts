// What a release consists of: backend, sync worker, and on one machine the stand-in for PEMS.
import { fileURLToPath } from "node:url";
import { readFaults } from "../../parts/faults.ts";
import type { ManagedApplication, ReleaseParts } from "../../parts/release.ts";
import { faultNames } from "./faults.ts";
import { readSettings } from "./settings.ts";

export const backend: ManagedApplication = {
  name: "pfa-vanguard-backend",
  port: "BACKEND_PORT",
  versionPath: "/api/version",
};
export const worker: ManagedApplication = {
  name: "pems-write-sync-worker",
  port: "WORKER_PORT",
  versionPath: "/api/version",
};
export const standIn: ManagedApplication = {
  name: "pems-stand-in",
  port: "PEMS_PORT",
  versionPath: "/api/version",
};

/** @param withStandIn whether PEMS is played on this machine. */
export function releaseOf(withStandIn: boolean): ReleaseParts {
  return {
    folder: fileURLToPath(new URL("..", import.meta.url)),
    processes: withStandIn ? [standIn, backend, worker] : [backend, worker],
    passedOn: ["BACKEND_PORT", "WORKER_PORT", "PEMS_PORT"],
    judge(definitions, variables, environment) {
      readFaults(faultNames, environment.FAULTS);
      readSettings(definitions, variables);
    },
  };
}
