// Where an application's variables come from: AWS Secrets Manager, so that no secret stands in a process listing
// or in a process manager's dump; or the process's own environment where APP_SECRET_ID is not set.
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { z } from "zod";
import type { Variables } from "./environment.ts";

/**
 * The variables by name, and `VARIABLES_VERSION`, their version in the vault. What the process manager says about this one process (PORT, LOG_FILE …) wins over the secret.
 * @throws when the secret cannot be read or is not a JSON object of texts.
 */
export async function loadVariables(environment: Variables): Promise<Variables> {
  const secretId = environment.APP_SECRET_ID;
  if (!secretId) return environment;
  const client = new SecretsManagerClient({});
  try {
    const { SecretString, VersionId } = await client.send(new GetSecretValueCommand({ SecretId: secretId }));
    const parsed = z.record(z.string(), z.string()).safeParse(readJson(SecretString ?? ""));
    if (!parsed.success) {
      throw new Error(
        `secret "${secretId}": its value is not a JSON object of texts; write NAME: "value" pairs into it`,
      );
    }
    const { LOG_FILE } = environment;
    return { ...parsed.data, VARIABLES_VERSION: VersionId, ...(LOG_FILE ? { LOG_FILE } : {}) };
  } finally {
    client.destroy();
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the caller says it without showing the text
  }
}
