// `refresh`: see change.ts.
import { runChange } from "./change.ts";
import type { Command } from "./command.ts";
import { changeFlags, operationFlags, refusedOperationFlags } from "./operation-flags.ts";

export const command: Command = {
  usage: "refresh",
  summary: "Brings a stack's state to what its resources really are.",
  flags: {
    ...operationFlags,
    ...changeFlags,
    "clear-pending-creates": { kind: "boolean", help: "forget creations that were never finished" },
    "preview-only": { kind: "boolean", help: "show only what would change" },
    "skip-pending-creates": { kind: "boolean", help: "keep creations that were never finished" },
  },
  refused: refusedOperationFlags,
  arguments: [0, 0],
  run: (call) => runChange(call, "refresh"),
};
