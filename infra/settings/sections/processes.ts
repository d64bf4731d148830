// Settings of the step that looks at the application's processes.
import { z } from "zod";
// The format belongs to the check.
import { managed } from "../../../checks/processes.ts";
import { stepOptions } from "../kinds.ts";

/** `greenlight:processes` */
export const processes = () =>
  z
    .strictObject({
      processes: z.array(managed()).min(1).describe("applications that run under pm2 on this machine"),
      ...stepOptions,
    })
    .describe("The application's processes and their limits, read back from pm2 (PM2_HOME) and the system.")
    .meta({
      example: {
        processes: [{ name: "worker", instances: 2, memoryMegabytes: { minimum: 512, maximum: 1024 } }],
      },
    });
