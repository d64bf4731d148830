// `state unprotect`: takes the protection from resources, as the error about a protected one says.
import { Failure } from "../state/failure.ts";
import { lockStack } from "../state/lock.ts";
import { openStack, requireStored, settle, writeSnapshot } from "../state/stack-store.ts";
import { type Command, print, stackFlag } from "./command.ts";
import { confirm } from "./confirm.ts";
import { openStackContext, openStackCrypter } from "./context.ts";

export const command: Command = {
  usage: "state unprotect [URN]",
  summary: "Removes the protection of a resource, or of all.",
  flags: {
    ...stackFlag,
    all: { kind: "boolean", help: "all resources" },
    yes: { kind: "boolean", short: "y", help: "do not ask" },
  },
  refused: [],
  arguments: [0, 1],
  async run(call) {
    const context = await openStackContext(call);
    const { backend, reference } = context;
    const [urn] = call.args;
    if (urn === undefined && !call.flags.on("all"))
      throw new Failure("state unprotect: want a URN, or --all");
    await confirm(call, "This will edit your stack's state directly.", reference.name);
    const crypter = await openStackCrypter(context, call);
    const lock = await lockStack(backend, reference);
    try {
      await settle(backend, reference);
      const stored = await requireStored(backend, reference);
      const stack = await openStack(backend, reference, stored, crypter, call.environment);
      const chosen = stack.snapshot.resources.filter((state) => urn === undefined || state.urn === urn);
      if (chosen.length === 0)
        throw new Failure(`resource "${urn}": is not in the state; see pulumi stack --show-urns`);
      for (const state of chosen) delete state.protect;
      await writeSnapshot(stack, stack.snapshot);
    } finally {
      await lock.release();
    }
    print(urn === undefined ? "All resources unprotected" : "Resource unprotected");
    return 0;
  },
};
