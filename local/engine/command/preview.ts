// `preview`: what an update would do. Takes no lock and writes nothing but values of --config, as the official command does.

import type { ConfigValue } from "../types.ts";
import { refuseValues } from "./change.ts";
import type { Call, Command } from "./command.ts";
import { setConfiguration } from "./config-write.ts";
import { openStackContext, rawConfig, requireOwnProject } from "./context.ts";
import { openEventLog } from "./event-log.ts";
import { watchInterruption } from "./interruption.ts";
import { exitCodeOf, openOperation, prepareRun, runOperation } from "./operation.ts";
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
    requireOwnProject(context.project, context.reference);
    await setConfiguration(call, context);
    const processes = prepareRun(call, context, true);
    const interruption = watchInterruption((text) => process.stderr.write(`${text}\n`));
    const target = call.flags.text("event-log");
    const log = target ? await openEventLog(target) : undefined;
    try {
      const operation = await openOperation(call, context, rawConfig(context));
      const config = shownConfig(call, operation.config);
      const display = await chooseDisplay(call, context, "Previewing update", true, config);
      const settings = { kind: "preview", dryRun: true, display, log, processes, interruption } as const;
      return exitCodeOf(await runOperation(call, operation, settings), call, settings);
    } finally {
      processes.close();
      await log?.close();
      interruption.stop();
    }
  },
};

function shownConfig(call: Call, config: ReadonlyMap<string, ConfigValue>): { [key: string]: string } {
  if (!call.flags.on("show-config")) return {};
  return Object.fromEntries(
    [...config].map(([key, { value, secret }]) => [key, secret ? "[secret]" : value]),
  );
}
