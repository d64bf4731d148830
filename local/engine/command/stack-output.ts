// `stack output`: what the program exported.
import { revealedJson, shownOutputs } from "../display/outputs.ts";
import { renderTable } from "../display/table.ts";
import { Failure } from "../state/failure.ts";
import { openCrypter } from "../state/passphrase.ts";
import { openStack, requireStored, stackOutputs } from "../state/stack-store.ts";
import type { Value } from "../types.ts";
import { type Command, print, stackFlag } from "./command.ts";
import { openStackContext } from "./context.ts";

export const command: Command = {
  usage: "stack output [NAME]",
  summary: "Prints a stack's outputs, or one of them.",
  flags: {
    ...stackFlag,
    json: { kind: "boolean", short: "j", help: "print JSON" },
    "show-secrets": { kind: "boolean", help: "print secrets in clear" },
  },
  refused: ["shell"],
  arguments: [0, 1],
  async run(call) {
    const { backend, reference } = await openStackContext(call);
    const stored = await requireStored(backend, reference);
    const { salt } = stored.deployment;
    const crypter = salt ? await openCrypter(salt, call.environment) : undefined;
    const outputs = crypter
      ? stackOutputs((await openStack(backend, reference, stored, crypter, call.environment)).snapshot)
      : {};
    const name = call.args[0];
    const shown = call.flags.on("show-secrets") ? revealedJson(outputs) : shownOutputs(outputs);
    if (name !== undefined && !Object.hasOwn(shown, name)) {
      throw new Failure(`current stack does not have output property '${name}'`);
    }
    const chosen = name === undefined ? shown : (shown[name] ?? null);
    if (call.flags.on("json")) print(JSON.stringify(chosen, null, 2));
    else if (name !== undefined) print(textOf(chosen));
    else print(renderOutputs(shown));
    return 0;
  },
};

function textOf(value: Value): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function renderOutputs(outputs: { [key: string]: Value }): string {
  const rows = Object.entries(outputs).map(([key, value]) => [`    ${key}`, textOf(value)]);
  if (rows.length === 0) return "Current stack outputs (0):\n    No output values currently in this stack";
  return `Current stack outputs (${rows.length}):\n${renderTable(["    OUTPUT", "VALUE"], rows)}`;
}
