// What commands share that stay beside the application until they are told to end: a plan that the stack wrote into a secret,
// and the signals of a process manager.
import type { z } from "zod";
import { jsonOf } from "../checks/json-of.ts";

/**
 * Runs `work` until SIGTERM or SIGINT. A process manager is told at once that it is ready: whether anything arrives is for
 * the stack's steps to prove.
 */
export async function untilEnded(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const stopping = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"]) process.once(name, () => stopping.abort());
  process.send?.("ready");
  await work(stopping.signal);
  // A process manager's channel would keep this process alive.
  if (process.connected) process.disconnect?.();
}

/** @throws when the secret cannot be read or holds no such plan; its value is never shown */
export async function readPlan<Schema extends z.ZodType>(
  secretId: string,
  kind: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  const { GetSecretValueCommand, SecretsManagerClient } = await import("@aws-sdk/client-secrets-manager");
  const client = new SecretsManagerClient({});
  try {
    const { SecretString = "" } = await client
      .send(new GetSecretValueCommand({ SecretId: secretId }))
      .catch((error: Error) => {
        throw new Error(`secret "${secretId}": ${error.message}`, { cause: error });
      });
    const result = schema.safeParse(jsonOf(SecretString));
    if (result.success) return result.data;
    const places = result.error.issues.map(({ path }) => path.join(".") || "the whole").join(", ");
    throw new Error(`secret "${secretId}": no plan of ${kind} (${places}); run pulumi up, which writes it`);
  } finally {
    client.destroy();
  }
}
