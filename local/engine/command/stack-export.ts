// `stack export`: the state as a document that `stack import` of either engine reads.
import { writeFile } from "node:fs/promises";
import { readOptional } from "../state/atomic-file.ts";
import { stackPaths } from "../state/backend.ts";
import { type Deployment, parseCheckpoint, renderDeployment } from "../state/checkpoint.ts";
import { Failure } from "../state/failure.ts";
import { listHistory } from "../state/history.ts";
import { openCrypter } from "../state/passphrase.ts";
import { SecretStore } from "../state/secrets.ts";
import { requireStored } from "../state/stack-store.ts";
import { type Command, print, stackFlag } from "./command.ts";
import { openStackContext, type StackContext } from "./context.ts";

export const command: Command = {
  usage: "stack export",
  summary: "Prints the state of a stack.",
  flags: {
    ...stackFlag,
    file: { kind: "text", help: "write to this file" },
    "show-secrets": { kind: "boolean", help: "print secrets in clear" },
    version: { kind: "text", help: "an earlier state, by its number in `stack history`" },
  },
  refused: [],
  arguments: [0, 0],
  async run(call) {
    const context = await openStackContext(call);
    const version = call.flags.count("version", 1);
    const deployment = version === undefined ? await current(context) : await earlier(context, version);
    const document = call.flags.on("show-secrets")
      ? renderDeployment(deployment, await opener(deployment, call.environment))
      : renderDeployment(deployment);
    const text = JSON.stringify(document, null, 4);
    const file = call.flags.text("file");
    // Not by a rename: what is named may be a link or a device, such as /dev/stdout.
    if (file) await write(file, `${text}\n`);
    else print(text);
    return 0;
  },
};

async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { mode: 0o600 });
  } catch (error) {
    throw new Failure(`file "${file}": cannot be written (${(error as Error).message}); check --file`, 1, {
      cause: error,
    });
  }
}

async function current({ backend, reference }: StackContext): Promise<Deployment> {
  return (await requireStored(backend, reference)).deployment;
}

async function earlier({ backend, reference }: StackContext, version: number): Promise<Deployment> {
  const folder = stackPaths(backend, reference).history;
  const names = await listHistory(folder, ".checkpoint.json");
  const path = `${folder}/${names[version - 1]}`;
  const text = names[version - 1] && (await readOptional(path));
  if (!text) throw new Failure(`version ${version}: not in the history, want 1 to ${names.length}`);
  return parseCheckpoint(text, path);
}

async function opener(
  deployment: Deployment,
  environment: NodeJS.ProcessEnv,
): Promise<SecretStore | undefined> {
  return deployment.salt ? new SecretStore(await openCrypter(deployment.salt, environment)) : undefined;
}
