// `config set-all`: many values in one write.
import { Failure } from "../state/failure.ts";
import { isObject } from "../state/integrity.ts";
import type { Value } from "../types.ts";
import { type Call, type Command, stackFlag } from "./command.ts";
import { type Assignment, assign } from "./config-write.ts";
import { openStackContext, openStackCrypter } from "./context.ts";

export const command: Command = {
  usage: "config set-all --plaintext KEY=VALUE --secret KEY=VALUE",
  summary: "Sets many configuration values at once.",
  flags: {
    ...stackFlag,
    plaintext: { kind: "text", many: true, help: "KEY=VALUE to keep as it is, any number of times" },
    secret: { kind: "text", many: true, help: "KEY=VALUE to encrypt, any number of times" },
    path: { kind: "boolean", help: "keys are paths into objects" },
    json: { kind: "text", help: 'values as {"KEY": {"value": …, "secret": …}}' },
    "config-file": { kind: "text", help: "use this configuration file" },
  },
  refused: [],
  arguments: [0, 0],
  async run(call) {
    const context = await openStackContext(call);
    const assignments = readAssignments(call);
    const sealing = assignments.some((assignment) => assignment.secret);
    const crypter = sealing ? await openStackCrypter(context, call) : undefined;
    for (const assignment of assignments) assign(context, crypter, assignment);
    await context.file.write();
    return 0;
  },
};

function readAssignments(call: Call): Assignment[] {
  const path = call.flags.on("path");
  const json = call.flags.text("json");
  if (json !== undefined) return readJson(json);
  const read = (text: string, secret: boolean): Assignment => {
    const [key = "", ...rest] = text.split("=");
    if (rest.length === 0) throw new Failure(`argument "${key}": want KEY=VALUE`);
    return { key, value: rest.join("="), secret, path };
  };
  return [
    ...call.flags.list("plaintext").map((text) => read(text, false)),
    ...call.flags.list("secret").map((text) => read(text, true)),
  ];
}

function readJson(text: string): Assignment[] {
  let document: Value;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new Failure("--json: not a JSON document", 1, { cause: error });
  }
  if (!isObject(document)) throw new Failure('--json: want {"KEY": {"value": …, "secret": …}}');
  return Object.entries(document).map(([key, entry]) => {
    const value = isObject(entry) ? (entry.value ?? null) : entry;
    if (typeof value === "object")
      throw new Failure(`--json: the value of "${key}" is not a text, number or boolean`);
    return { key, value: String(value), secret: isObject(entry) && entry.secret === true, path: false };
  });
}
