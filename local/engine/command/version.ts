// `version`: what the Automation API asks first.
import { VERSION } from "../state/version.ts";
import { type Command, print } from "./command.ts";

export const command: Command = {
  usage: "version",
  summary: "Prints the version of Pulumi whose rules this engine keeps.",
  flags: {},
  refused: [],
  arguments: [0, 0],
  async run() {
    print(`v${VERSION}`);
    return 0;
  },
};
