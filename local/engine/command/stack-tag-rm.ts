// `stack tag rm`: forgets one tag.
import { type Command, stackFlag } from "./command.ts";
import { openStackContext } from "./context.ts";
import { readTags, writeTags } from "./tags.ts";

export const command: Command = {
  usage: "stack tag rm NAME",
  summary: "Removes a tag of a stack.",
  flags: { ...stackFlag },
  refused: [],
  arguments: [1, 1],
  async run(call) {
    const context = await openStackContext(call);
    const { [call.args[0] ?? ""]: _, ...rest } = await readTags(context);
    await writeTags(context, rest);
    return 0;
  },
};
