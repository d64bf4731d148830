// `destroy`: see change.ts.
import { runChange } from "./change.ts";
import type { Command } from "./command.ts";
import { changeFlags, operationFlags, refusedOperationFlags } from "./operation-flags.ts";

export const command: Command = {
  usage: "destroy",
  summary: "Deletes all resources of a stack.",
  flags: {
    ...operationFlags,
    ...changeFlags,
    "preview-only": { kind: "boolean", help: "show only what would be deleted" },
  },
  refused: refusedOperationFlags,
  arguments: [0, 0],
  run: (call) => runChange(call, "destroy"),
};
