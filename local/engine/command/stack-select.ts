// `stack select`: the stack that commands without `--stack` are about.
import { selectStack } from "../project/workspace.ts";
import { fullName, listStacks, parseStackReference } from "../state/backend.ts";
import { Failure } from "../state/failure.ts";
import { requireStored } from "../state/stack-store.ts";
import { type Command, stackFlag } from "./command.ts";
import { ask } from "./confirm.ts";
import { openProject } from "./context.ts";
import { command as init } from "./stack-init.ts";

export const command: Command = {
  usage: "stack select [NAME]",
  summary: "Selects a stack.",
  flags: {
    ...stackFlag,
    create: { kind: "boolean", short: "c", help: "make the stack if it is not there" },
    "secrets-provider": { kind: "text", help: "with --create: passphrase" },
  },
  refused: ["remove"],
  arguments: [0, 1],
  async run(call) {
    const { project, backend } = await openProject(call);
    let name = call.args[0] ?? call.flags.text("stack");
    if (!name && call.interactive) {
      const names = (await listStacks(backend, project.name)).map((stack) => stack.name);
      name = (await ask(`Stacks: ${names.join(", ")}\nPlease choose a stack: `))?.trim();
    }
    if (!name) throw new Failure("missing stack name; want `pulumi stack select NAME`");
    const reference = parseStackReference(name, project.name);
    try {
      await requireStored(backend, reference);
    } catch (error) {
      if (!(error instanceof Failure) || error.exitCode === 1 || !call.flags.on("create")) throw error;
      return await init.run({ ...call, args: [name] });
    }
    await selectStack(project, backend.url, fullName(reference), call.environment);
    return 0;
  },
};
