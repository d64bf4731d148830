// `stack tag set`: sets one tag.
import { type Command, stackFlag } from "./command.ts";
import { openStackContext } from "./context.ts";
import { readTags, writeTags } from "./tags.ts";

export const command: Command = {
  usage: "stack tag set NAME VALUE",
  summary: "Sets a tag of a stack.",
  flags: { ...stackFlag },
  refused: [],
  arguments: [2, 2],
  async run(call) {
    const context = await openStackContext(call);
    const [name = "", value = ""] = call.args;
    await writeTags(context, { ...(await readTags(context)), [name]: value });
    return 0;
  },
};
