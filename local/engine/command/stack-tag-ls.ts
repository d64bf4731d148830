// `stack tag ls`: all tags.
import { renderTable } from "../display/table.ts";
import { type Command, print, stackFlag } from "./command.ts";
import { openStackContext } from "./context.ts";
import { readTags } from "./tags.ts";

export const command: Command = {
  usage: "stack tag ls",
  summary: "Lists the tags of a stack.",
  flags: { ...stackFlag, json: { kind: "boolean", short: "j", help: "print JSON" } },
  refused: [],
  arguments: [0, 0],
  async run(call) {
    const tags = await readTags(await openStackContext(call));
    print(
      call.flags.on("json")
        ? JSON.stringify(tags, null, 2)
        : renderTable(["NAME", "VALUE"], Object.entries(tags)),
    );
    return 0;
  },
};
