// `up`: see change.ts.
import { runChange } from "./change.ts";
import type { Command } from "./command.ts";
import { changeFlags, operationFlags, programFlags, refusedOperationFlags } from "./operation-flags.ts";

export const command: Command = {
  usage: "up",
  summary: "Brings a stack's resources to what its program declares.",
  flags: {
    ...operationFlags,
    ...changeFlags,
    ...programFlags,
  },
  refused: refusedOperationFlags,
  arguments: [0, 0],
  run: (call) => runChange(call, "update"),
};
