// `config refresh`: the configuration of the last update back into the stack file.
import { copyFile } from "node:fs/promises";
import { readOptional } from "../state/atomic-file.ts";
import { Failure } from "../state/failure.ts";
import { readHistory } from "../state/history.ts";
import { type Command, print, stackFlag } from "./command.ts";
import { keyInFile } from "./config-write.ts";
import { openStackContext } from "./context.ts";

export const command: Command = {
  usage: "config refresh",
  summary: "Replaces the configuration file's values by those of the last update.",
  flags: {
    ...stackFlag,
    force: { kind: "boolean", short: "f", help: "do not keep a copy of the file as it was" },
    "config-file": { kind: "text", help: "use this configuration file" },
  },
  refused: [],
  arguments: [0, 0],
  async run(call) {
    const context = await openStackContext(call);
    const { backend, reference, file } = context;
    const [last] = await readHistory(backend, reference);
    if (!last) throw new Failure(`stack '${reference.name}': has no update to take the configuration from`);
    if (!call.flags.on("force") && (await readOptional(file.path)) !== undefined) {
      await copyFile(file.path, `${file.path}.bak`);
    }
    for (const key of Object.keys(file.config)) if (!Object.hasOwn(last.config, key)) file.remove([key]);
    for (const [key, value] of Object.entries(last.config)) file.set([keyInFile(context, key)], value);
    await file.write();
    print(`refreshed configuration for stack '${reference.name}'`);
    return 0;
  },
};
