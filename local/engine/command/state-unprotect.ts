// `state unprotect`: takes the protection from resources, as the error about a protected one says.
import { Failure } from "../state/failure.ts";
import { writeSnapshot } from "../state/stack-store.ts";
import { type Command, print, stackFlag } from "./command.ts";
import { confirm } from "./confirm.ts";
import { openStackContext } from "./context.ts";
import { editStack } from "./edit-stack.ts";

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
    const { reference } = context;
    const [urn] = call.args;
    if (urn === undefined && !call.flags.on("all"))
      throw new Failure("state unprotect: want a URN, or --all");
    await confirm(call, "This will edit your stack's state directly.", reference.name);
    await editStack(call, context, async (stack) => {
      const chosen = stack.snapshot.resources.filter((state) => urn === undefined || state.urn === urn);
      if (chosen.length === 0)
        throw new Failure(`resource "${urn}": is not in the state; see pulumi stack --show-urns`);
      for (const state of chosen) delete state.protect;
      await writeSnapshot(stack, stack.snapshot);
    });
    print(urn === undefined ? "All resources unprotected" : "Resource unprotected");
    return 0;
  },
};
