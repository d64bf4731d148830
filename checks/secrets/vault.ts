// A secret of AWS Secrets Manager as the check sees it: the version in use and the one before it. The values stay in memory.
import { z } from "zod";
import { jsonOf } from "../json-of.ts";

export interface Version {
  id: string;
  /** RFC 3339 UTC. */
  createdAt: string;
  variables: { [name: string]: string };
}

export interface Vault {
  /** When the secret was made, before all of its versions; RFC 3339 UTC. */
  madeAt: string;
  current: Version;
  previous: Version | undefined;
}

/** @throws when the secret cannot be read or is no JSON object of texts */
export async function readVault(secret: string, signal: AbortSignal): Promise<Vault> {
  const { SecretsManagerClient, DescribeSecretCommand, GetSecretValueCommand, ResourceNotFoundException } =
    await import("@aws-sdk/client-secrets-manager");
  const client = new SecretsManagerClient({});
  const read = async (VersionStage: string): Promise<Version | undefined> => {
    const command = new GetSecretValueCommand({ SecretId: secret, VersionStage });
    const { VersionId = "", CreatedDate, SecretString } = await client.send(command, { abortSignal: signal });
    // A secret that was made without a value may have a first version without one.
    if (SecretString === undefined) return undefined;
    const createdAt = (CreatedDate ?? new Date(0)).toISOString();
    const variables =
      VersionStage === "AWSCURRENT" ? parsed(secret, SecretString) : textsIn(jsonOf(SecretString));
    return { id: VersionId, createdAt, variables };
  };
  try {
    const current = await read("AWSCURRENT");
    if (current === undefined)
      throw new Error(`secret "${secret}": no value, want the application's variables`);
    const previous = await read("AWSPREVIOUS").catch((error: unknown) => {
      if (error instanceof ResourceNotFoundException) return undefined;
      throw error;
    });
    const described = await client.send(new DescribeSecretCommand({ SecretId: secret }), {
      abortSignal: signal,
    });
    return { madeAt: (described.CreatedDate ?? new Date(0)).toISOString(), current, previous };
  } finally {
    client.destroy();
  }
}

/** What an earlier version has of variables: it may be from before there were any, and nobody can mend it. */
function textsIn(value: unknown): { [name: string]: string } {
  const entries = Object.entries(z.record(z.string(), z.unknown()).safeParse(value).data ?? {});
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

function parsed(secret: string, text: string): { [name: string]: string } {
  const found = z.record(z.string(), z.string()).safeParse(jsonOf(text));
  // The parser's own words would quote the value.
  if (!found.success)
    throw new Error(`secret "${secret}": no JSON object of texts, want the application's variables`);
  return found.data;
}
