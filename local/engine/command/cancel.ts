// `cancel`: removes the locks that killed updates left on a stack.
import { removeLocks } from "../state/lock.ts";
import { type Command, print, stackFlag } from "./command.ts";
import { confirm } from "./confirm.ts";
import { openStackContext } from "./context.ts";

export const command: Command = {
  usage: "cancel [STACK]",
  summary: "Removes the locks of a stack. An update that still runs is not stopped by it.",
  flags: { ...stackFlag, yes: { kind: "boolean", short: "y", help: "do not ask" } },
  refused: [],
  arguments: [0, 1],
  async run(call) {
    const { backend, reference } = await openStackContext(call, call.args[0]);
    const question = `This removes the locks of '${reference.name}', also of an update that still runs.`;
    await confirm(call, question, reference.name);
    await removeLocks(backend, reference);
    print(`The currently running update for '${reference.name}' has been canceled!`);
    return 0;
  },
};
