// `stack rm`: forgets a stack whose resources are gone, its history and its configuration file.
import { rm } from "node:fs/promises";
import { STACK_TYPE } from "../core/urn.ts";
import { selectedStack, selectStack } from "../project/workspace.ts";
import { fullName, parseStackReference } from "../state/backend.ts";
import { Failure } from "../state/failure.ts";
import { lockStack } from "../state/lock.ts";
import { removeStack, requireStored } from "../state/stack-store.ts";
import type { Value } from "../types.ts";
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
    const { name } = reference;
    await requireStored(backend, reference);
    await confirm(call, `This will permanently remove the '${name}' stack!`, name);
    const lock = await lockStack(backend, reference);
    try {
      // Looked at under the lock: an update that went on while somebody was asked may have made some.
      const { deployment } = await requireStored(backend, reference);
      if (holdsResources(deployment.resources) && !call.flags.on("force"))
        throw new Failure(
          `'${name}' still has resources; removal rejected. Possible actions:
- Make sure that '${name}' is the stack that you want to destroy
- Run \`pulumi destroy\` to delete the resources, then run \`pulumi stack rm\`
- Run \`pulumi stack rm --force\` to override this error`,
        );
      await removeStack(backend, reference);
    } finally {
      await lock.release();
    }
    if (!call.flags.on("preserve-config")) await rm(file.path, { force: true });
    const selected = await selectedStack(project, backend.url, call.environment);
    if (selected && fullName(parseStackReference(selected, project.name)) === fullName(reference)) {
      await selectStack(project, backend.url, undefined, call.environment);
    }
    print(`Stack '${name}' has been removed!`);
    return 0;
  },
};

/** Whether there is more than the stack's own entry, which a program without resources leaves. */
function holdsResources(resources: readonly { [property: string]: Value }[]): boolean {
  return resources.length > 1 || resources.some(({ type }) => type !== STACK_TYPE);
}
