// Proves that the newest lines of each log of the release stand in a bucket, byte for byte, where they outlive the machine. Says
// nothing about what was not logged, nor about lines that were written later.
import { createHash } from "node:crypto";
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { logSource } from "./logs/definition.ts";
import type { ArgsOf } from "./step/args.ts";
import {
  defineStep,
  type Facts,
  type Finding,
  type Observation,
  observe,
  type StepContext,
} from "./step/definition.ts";
import { messageOf } from "./step/message.ts";
import { namedList } from "./step/named-list.ts";
import { redactor } from "./step/redaction.ts";
import { Step, type StepOptions } from "./step/resource.ts";

const inputs = () =>
  z.strictObject({
    sources: namedList(logSource()).min(1),
    bucket: z.string().min(3),
    /** Key that encrypts the copies. @default the bucket's own */
    kmsKeyId: z.string().optional(),
    /** Part of every copy's name. */
    release: z.string().min(1),
    /** How many of the newest lines are copied, 1 to 100000. @default 1000 */
    lines: z.number().int().min(1).max(100_000).default(1000),
    /** Values that no copy may hold: they are replaced. */
    secrets: z.array(z.string()).default([]),
    /** When the release was made: a copy for each. */
    triggers: z.array(z.string()).default([]),
  });
type ArchiveInputs = z.output<ReturnType<typeof inputs>>;

export const step = defineStep({
  inputs,
  secrets: ({ secrets }) => secrets,
  rerun: ({ sources, bucket, release, lines, triggers }) => ({ sources, bucket, release, lines, triggers }),
  deadlineSeconds: 300,
  async plan({ sources = [], bucket, lines }) {
    return sources.map(({ name }) => `${name}: the last ${lines} lines to s3://${bucket ?? "a new bucket"}/`);
  },
  run,
});

async function run(given: ArchiveInputs, { signal }: StepContext): Promise<Finding> {
  const { S3Client } = await import("@aws-sdk/client-s3");
  const s3 = new S3Client({});
  const copies: Facts = {};
  const observations: Observation[] = [];
  try {
    for (const source of given.sources) {
      const id = `archived-${source.name}`;
      const expected = `the last ${given.lines} lines of ${source.name} in s3://${given.bucket}/, size and SHA-256 as sent`;
      try {
        const { passed, observed, key } = await archive(s3, source, given, signal);
        observations.push(observe(id, passed, expected, observed));
        copies[source.name] = key;
      } catch (error) {
        if (signal.aborted) throw error;
        observations.push({ id, result: "failed", expected, observed: messageOf(error) });
      }
    }
    return { observations, facts: { copies } };
  } finally {
    s3.destroy();
  }
}

type S3 = import("@aws-sdk/client-s3").S3Client;

async function archive(
  s3: S3,
  source: ArchiveInputs["sources"][number],
  { bucket, kmsKeyId, release, lines: count, secrets }: ArchiveInputs,
  signal: AbortSignal,
): Promise<{ passed: boolean; observed: string; key: string }> {
  const { HeadObjectCommand, PutObjectCommand } = await import("@aws-sdk/client-s3");
  const { readLines } = await import("./logs/lines.ts");
  const lines = await readLines({ ...source, lines: count }, undefined, signal);
  const redact = redactor(secrets);
  const bytes = Buffer.from(lines.map((line) => `${redact(line)}\n`).join(""));
  const sha256 = createHash("sha256").update(bytes).digest("base64");
  const at = new Date().toISOString().replaceAll(/[:.]/g, "-");
  const key = `${release}/${at}-${source.name}.log`;
  const encryption = kmsKeyId
    ? ({ ServerSideEncryption: "aws:kms", SSEKMSKeyId: kmsKeyId, BucketKeyEnabled: true } as const)
    : {};
  const copy = { Bucket: bucket, Key: key };
  await s3.send(
    new PutObjectCommand({
      ...copy,
      Body: bytes,
      ContentType: "text/plain; charset=utf-8",
      ChecksumSHA256: sha256,
      ...encryption,
    }),
    { abortSignal: signal },
  );
  const there = await s3.send(new HeadObjectCommand({ ...copy, ChecksumMode: "ENABLED" }), {
    abortSignal: signal,
  });
  const passed = lines.length > 0 && there.ContentLength === bytes.length && there.ChecksumSHA256 === sha256;
  const digest = Buffer.from(there.ChecksumSHA256 ?? "", "base64").toString("hex");
  const observed = `${lines.length} lines, ${there.ContentLength} bytes, SHA-256 ${digest || "unknown"} as s3://${bucket}/${key}`;
  return { passed, observed, key };
}

/** Evidence: `archived-NAME` for each log; fact `copies`: the key of each. */
export class LogArchive extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("log-archive", name, args, opts);
  }
}
