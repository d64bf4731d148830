// `stack import`: replaces a stack's state by an exported one, after checking it as if it were to be updated.
import { text as readAll } from "node:stream/consumers";
import { readOptional } from "../state/atomic-file.ts";
import { fullName } from "../state/backend.ts";
import { type Deployment, parseExport } from "../state/checkpoint.ts";
import { Failure } from "../state/failure.ts";
import { writeSnapshot } from "../state/stack-store.ts";
import { type Command, print, stackFlag } from "./command.ts";
import { openStackContext } from "./context.ts";
import { editStack } from "./edit-stack.ts";

export const command: Command = {
  usage: "stack import",
  summary: "Replaces the state of a stack by an exported one.",
  flags: {
    ...stackFlag,
    file: { kind: "text", help: "read this file instead of standard input" },
    force: { kind: "boolean", short: "f", help: "accept the state of another stack or project" },
  },
  refused: [],
  arguments: [0, 0],
  async run(call) {
    const context = await openStackContext(call);
    const { reference } = context;
    const path = call.flags.text("file");
    const text = path ? await readOptional(path) : await readAll(process.stdin);
    if (text === undefined) throw new Failure(`deployment "${path}": does not exist`);
    const deployment = parseExport(text, path ?? "standard input");
    if (!call.flags.on("force")) requireOwnResources(deployment, reference.name, reference.project);
    await editStack(call, context, (stack) => writeSnapshot(stack, stack.snapshot), deployment);
    print(`Import complete. ${fullName(reference)} now has ${deployment.resources.length} resource(s).`);
    return 0;
  },
};

function requireOwnResources(deployment: Deployment, stack: string, project: string): void {
  const prefix = `urn:pulumi:${stack}::${project}::`;
  const foreign = deployment.resources.find((state) => !String(state.urn).startsWith(prefix));
  if (foreign) {
    throw new Failure(
      `resource "${foreign.urn}": is not of stack "${stack}" of project "${project}"; use --force to import it`,
    );
  }
}
