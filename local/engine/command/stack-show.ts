// `stack`: an overview of one stack.
import { requireStored } from "../state/stack-store.ts";
import { type Command, print, stackFlag } from "./command.ts";
import { openStackContext } from "./context.ts";
import { command as output } from "./stack-output.ts";

export const command: Command = {
  usage: "stack",
  summary: "Shows the selected stack, its resources and outputs.",
  flags: {
    ...stackFlag,
    "show-ids": { kind: "boolean", short: "i", help: "show ids" },
    "show-urns": { kind: "boolean", short: "u", help: "show URNs" },
    "show-name": { kind: "boolean", help: "print only the name" },
    "show-secrets": { kind: "boolean", help: "print secret outputs in clear" },
  },
  refused: [],
  arguments: [0, 0],
  async run(call) {
    const { backend, reference } = await openStackContext(call);
    if (call.flags.on("show-name")) {
      print(reference.name);
      return 0;
    }
    const { deployment } = await requireStored(backend, reference);
    const lines = [`Current stack is ${reference.name}:`, `    Managed by ${backend.url}`];
    if (deployment.resources.length > 0) lines.push(`    Last updated: ${deployment.manifest.time}`);
    lines.push(`Current stack resources (${deployment.resources.length}):`);
    for (const state of deployment.resources) {
      const urn = String(state.urn);
      lines.push(`    ${String(state.type).padEnd(40)} ${urn.split("::").slice(3).join("::")}`);
      if (call.flags.on("show-ids") && state.id) lines.push(`        ID: ${state.id}`);
      if (call.flags.on("show-urns")) lines.push(`        URN: ${urn}`);
    }
    print(lines.join("\n"));
    return await output.run({ ...call, args: [] });
  },
};
