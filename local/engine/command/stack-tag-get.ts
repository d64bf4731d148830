// `stack tag get`: one tag.
import { Failure } from "../state/failure.ts";
import { type Command, print, stackFlag } from "./command.ts";
import { openStackContext } from "./context.ts";
import { readTags } from "./tags.ts";

export const command: Command = {
  usage: "stack tag get NAME",
  summary: "Prints one tag of a stack.",
  flags: { ...stackFlag },
  refused: [],
  arguments: [1, 1],
  async run(call) {
    const context = await openStackContext(call);
    const [name = ""] = call.args;
    const tags = await readTags(context);
    const value = Object.hasOwn(tags, name) ? tags[name] : undefined;
    if (value === undefined)
      throw new Failure(`stack tag '${name}' not found for stack '${context.reference.name}'`);
    print(value);
    return 0;
  },
};
