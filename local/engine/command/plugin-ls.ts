// `plugin ls`: the embedded engine installs no plugins; its providers are part of the project.
import { type Command, print } from "./command.ts";

export const command: Command = {
  usage: "plugin ls",
  summary: "Lists installed plugins: none, providers are part of the project.",
  flags: {
    json: { kind: "boolean", short: "j", help: "print JSON" },
    project: { kind: "boolean", short: "p", help: "accepted, changes nothing" },
  },
  refused: [],
  arguments: [0, 0],
  async run(call) {
    print(call.flags.on("json") ? "[]" : "TOTAL plugin cache size: 0 B");
    return 0;
  },
};
