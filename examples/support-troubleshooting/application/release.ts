// What a release of this application consists of.
import { fileURLToPath } from "node:url";
import { readFaults } from "../../parts/faults.ts";
import type { ReleaseParts } from "../../parts/release.ts";
import { faultNames } from "./faults.ts";
import { readSettings } from "./settings.ts";

export const release: ReleaseParts = {
  folder: fileURLToPath(new URL("..", import.meta.url)),
  processes: [{ name: "support-troubleshooting", port: "PORT", versionPath: "/api/version" }],
  judge(definitions, variables, environment) {
    readFaults(faultNames, environment.FAULTS);
    readSettings(definitions, variables);
  },
};
