// `config rm-all`: forgets many values in one write.
import { parseConfigKey } from "../project/config-key.ts";
import { type Command, stackFlag } from "./command.ts";
import { splitPath } from "./config-get.ts";
import { keyInFile } from "./config-write.ts";
import { openStackContext, type StackContext } from "./context.ts";

export const command: Command = {
  usage: "config rm-all KEY…",
  summary: "Removes many configuration values at once.",
  flags: {
    ...stackFlag,
    path: { kind: "boolean", help: "keys are paths into objects" },
    "config-file": { kind: "text", help: "use this configuration file" },
  },
  refused: [],
  arguments: [1, 1000],
  async run(call) {
    const context = await openStackContext(call);
    for (const key of call.args) removeKey(context, key, call.flags.on("path"));
    await context.file.write();
    return 0;
  },
};

/** Removes a value from the stack file in memory; removing what is not there changes nothing. */
export function removeKey(context: StackContext, text: string, isPath: boolean): void {
  const { name } = context.project;
  const [key, rest] = isPath ? splitPath(text, name) : [parseConfigKey(text, name), []];
  context.file.remove([keyInFile(context, key), ...rest]);
}
