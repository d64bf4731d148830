// `whoami`: the user of this machine, as the file backend knows no other.
import { findProjectFile, readProjectFile } from "../project/project-file.ts";
import { currentUser } from "../state/backend.ts";
import { Failure } from "../state/failure.ts";
import { type Command, print } from "./command.ts";
import { backendOf } from "./context.ts";

export const command: Command = {
  usage: "whoami",
  summary: "Prints the current user, with --verbose or --json the backend too.",
  flags: {
    json: { kind: "boolean", short: "j", help: "print JSON" },
    verbose: { kind: "boolean", short: "v", help: "print the backend too" },
  },
  refused: [],
  arguments: [0, 0],
  async run(call) {
    const backend = await backendOf(projectHere(), call);
    const { username } = currentUser();
    if (call.flags.on("json"))
      print(JSON.stringify({ user: username, organizations: [], url: backend.url }, null, 2));
    else if (call.flags.on("verbose"))
      print(`User: ${username}\nOrganizations: \nBackend URL: ${backend.url}`);
    else print(username);
    return 0;
  },
};

// Unlike other commands this one also answers outside of a project.
function projectHere() {
  try {
    return readProjectFile(findProjectFile(process.cwd()));
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}
