// `stack init`: an empty stack, its key, and its selection.
import { stackFilePath } from "../project/project-file.ts";
import { StackFile } from "../project/stack-file.ts";
import { selectStack } from "../project/workspace.ts";
import { readOptional } from "../state/atomic-file.ts";
import { fullName, parseStackReference, requireLayout, stackPaths } from "../state/backend.ts";
import { Failure, notSupported } from "../state/failure.ts";
import { createCrypter, openCrypter } from "../state/passphrase.ts";
import { createStack } from "../state/stack-store.ts";
import { type Command, print, stackFlag } from "./command.ts";
import { openProject, requireOwnProject } from "./context.ts";

export const command: Command = {
  usage: "stack init [NAME]",
  summary: "Makes an empty stack.",
  flags: {
    ...stackFlag,
    "secrets-provider": { kind: "text", help: "passphrase, the only one there is" },
    "no-select": { kind: "boolean", help: "leave the selected stack as it is" },
  },
  refused: ["copy-config-from", "teams", "remote-config"],
  arguments: [0, 1],
  async run(call) {
    const provider = call.flags.text("secrets-provider") ?? "passphrase";
    if (provider !== "passphrase" && provider !== "default" && provider !== "") {
      throw notSupported(`secrets provider "${provider.split(":")[0]}"`);
    }
    const { project, backend } = await openProject(call);
    const name = call.args[0] ?? call.flags.text("stack");
    if (!name) throw new Failure("missing stack name; want `pulumi stack init NAME`");
    const reference = parseStackReference(name, project.name);
    requireOwnProject(project, reference);
    await requireLayout(backend);
    if ((await readOptional(stackPaths(backend, reference).file)) !== undefined) {
      throw new Failure(`stack '${fullName(reference)}' already exists`);
    }
    const file = await StackFile.read(stackFilePath(project, reference.name));
    const crypter = file.salt
      ? await openCrypter(file.salt, call.environment)
      : await createCrypter(call.environment);
    await createStack(backend, reference, crypter.salt);
    if (!file.salt) {
      file.setSalt(crypter.salt);
      await file.write();
    }
    if (!call.flags.on("no-select")) {
      await selectStack(project, backend.url, fullName(reference), call.environment);
    }
    print(`Created stack '${reference.name}'`);
    return 0;
  },
};
