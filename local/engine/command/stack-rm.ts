// `stack rm`: forgets a stack whose resources are gone, and its configuration file.
import { rm } from "node:fs/promises";
import { selectedStack, selectStack } from "../project/workspace.ts";
import { fullName, parseStackReference } from "../state/backend.ts";
import { Failure } from "../state/failure.ts";
import { lockStack } from "../state/lock.ts";
import { removeStack, requireStored } from "../state/stack-store.ts";
import { type Command, print, stackFlag } from "./command.ts";
import { confirm } from "./confirm.ts";
import { openStackContext } from "./context.ts";

export const command: Command = {
  usage: "stack rm [NAME]",
  summary: "Removes a stack and its configuration file.",
  flags: {
    ...stackFlag,
    yes: { kind: "boolean", short: "y", help: "do not ask" },
    force: { kind: "boolean", short: "f", help: "forget resources that still exist" },
    "preserve-config": { kind: "boolean", help: "keep the configuration file" },
  },
  refused: ["remove-backups"],
  arguments: [0, 1],
  async run(call) {
    const { project, backend, reference, file } = await openStackContext(call, call.args[0]);
    const { deployment } = await requireStored(backend, reference);
    if (deployment.resources.length > 0 && !call.flags.on("force")) {
      throw new Failure(
        `'${reference.name}' still has resources; removal rejected. Run \`pulumi destroy\` first, or use --force`,
      );
    }
    await confirm(call, `This will permanently remove the '${reference.name}' stack!`, reference.name);
    const lock = await lockStack(backend, reference);
    try {
      await removeStack(backend, reference);
    } finally {
      await lock.release();
    }
    if (!call.flags.on("preserve-config")) await rm(file.path, { force: true });
    const selected = await selectedStack(project, backend.url, call.environment);
    if (selected && fullName(parseStackReference(selected, project.name)) === fullName(reference)) {
      await selectStack(project, backend.url, undefined, call.environment);
    }
    print(`Stack '${reference.name}' has been removed!`);
    return 0;
  },
};
