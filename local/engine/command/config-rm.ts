// `config rm`: forgets one value.
import { type Command, stackFlag } from "./command.ts";
import { removeKey } from "./config-rm-all.ts";
import { openStackContext } from "./context.ts";

export const command: Command = {
  usage: "config rm KEY",
  summary: "Removes one configuration value.",
  flags: {
    ...stackFlag,
    path: { kind: "boolean", help: "the key is a path into an object" },
    "config-file": { kind: "text", help: "use this configuration file" },
  },
  refused: [],
  arguments: [1, 1],
  async run(call) {
    const context = await openStackContext(call);
    removeKey(context, call.args[0] ?? "", call.flags.on("path"));
    await context.file.write();
    return 0;
  },
};
