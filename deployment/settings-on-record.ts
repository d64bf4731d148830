// The settings of a deployment as its record keeps them: by path, plain values as they are, secrets only as a digest that tells
// whether one is still the same. The digest is slow on purpose, so that a short secret is not found by trying.
import { scrypt } from "node:crypto";
import { promisify } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../infra/settings.ts";

const slowDigest = promisify<string, string, number, Buffer>(scrypt);
const DIGEST_BYTES = 12;

/** Begins what stands for a secret. */
export const SECRET = "secret:";

/**
 * Every value by its path, e.g. `{ "greenlight:health.targets[0].path": "/health" }`; values that are no text as JSON. Not known in a
 * preview, which records nothing.
 */
export function settingsOnRecord(settings: Settings): pulumi.Output<{ [path: string]: string }> | undefined {
  if (pulumi.runtime.isDryRun()) return undefined;
  const { directory: _directory, expected: _expected, undo: _undo, stack, region, ...sections } = settings;
  const scope = `${settings.system.name}/${stack}`;
  const known = Object.entries(sections).flatMap(([name, section]) => leaves(`greenlight:${name}`, section));
  const hidden = known.flatMap(([path, value]) =>
    pulumi.Output.isInstance(value) ? [{ path, secret: pulumi.unsecret(value) }] : [],
  );
  const plain = known.flatMap(([path, value]) =>
    pulumi.Output.isInstance(value)
      ? []
      : [{ path, text: typeof value === "string" ? value : JSON.stringify(value) }],
  );
  return pulumi.output(hidden).apply(async (secrets): Promise<{ [path: string]: string }> => {
    const digests: { path: string; text: string }[] = [];
    // One after the other: all at once would keep every thread that the program reads its files with.
    for (const { path, secret } of secrets)
      digests.push({ path, text: await digestOf(`${scope}/${path}`, secret) });
    return {
      "aws:region": region,
      ...Object.fromEntries([...plain, ...digests].map(({ path, text }) => [path, text])),
    };
  });
}

function leaves(path: string, value: unknown): [string, unknown][] {
  if (value === undefined) return [];
  if (value === null || typeof value !== "object" || pulumi.Output.isInstance(value)) return [[path, value]];
  const inner: [string, unknown][] = Array.isArray(value)
    ? value.map((item, index) => [`${path}[${index}]`, item])
    : Object.entries(value).map(([name, item]) => [`${path}.${name}`, item]);
  return inner.length === 0 ? [[path, value]] : inner.flatMap(([at, item]) => leaves(at, item));
}

/** The same secret at the same place of the same stack gives the same text. */
async function digestOf(place: string, secret: unknown): Promise<string> {
  const digest = await slowDigest(
    typeof secret === "string" ? secret : JSON.stringify(secret),
    place,
    DIGEST_BYTES,
  );
  return `${SECRET}${digest.toString("hex")}`;
}
