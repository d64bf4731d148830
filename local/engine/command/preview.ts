// `preview`: what an update would do. Takes no lock and writes nothing.

import { refuseValues } from "./change.ts";
import type { Command } from "./command.ts";
import { openStackContext, rawConfig } from "./context.ts";
import { openEventLog } from "./event-log.ts";
import { watchInterruption } from "./interruption.ts";
import { exitCodeOf, openOperation, runOperation } from "./operation.ts";
import { operationFlags, programFlags, refusedOperationFlags } from "./operation-flags.ts";
import { chooseDisplay } from "./show.ts";

export const command: Command = {
  usage: "preview",
  summary: "Shows what an update would change, and changes nothing.",
  flags: { ...operationFlags, ...programFlags },
  refused: refusedOperationFlags,
  arguments: [0, 0],
  async run(call) {
    refuseValues(call);
    const context = await openStackContext(call);
    const interruption = watchInterruption((text) => process.stderr.write(`${text}\n`));
    const target = call.flags.text("event-log");
    const log = target ? await openEventLog(target) : undefined;
    try {
      const operation = await openOperation(call, context, rawConfig(context));
      const display = await chooseDisplay(call, `Previewing update (${context.reference.name}):`, true);
      const result = await runOperation(call, operation, {
        kind: "preview",
        dryRun: true,
        display,
        log,
        interruption,
      });
      return exitCodeOf(result, call, interruption);
    } finally {
      await log?.close();
      interruption.stop();
    }
  },
};
