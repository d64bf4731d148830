// A site of 2,000 files into a bucket beside `aws s3 sync`: all of it, and once more with ten files changed. Ours also compares
// what lies there by SHA-256 and content type, where `aws s3 sync` compares sizes and times.
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  CreateBucketCommand,
  DeleteObjectsCommand,
  paginateListObjectsV2,
  S3Client,
} from "@aws-sdk/client-s3";
import { type Candidate, measure, table } from "./measure.ts";
import { onPath } from "./on-path.ts";

const FILES = 2000;
const CHANGED = 10;
const BUCKETS = { own: "greenlight-bench-site", peer: "greenlight-bench-site-peer" };
const PROGRAM = fileURLToPath(new URL("./site-run.ts", import.meta.url));

/** Two Markdown tables; without aws on PATH ours alone. @throws when a candidate fails */
export async function benchSite(environment: { [name: string]: string }, rounds: number): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "greenlight-bench-"));
  Object.assign(process.env, environment);
  const s3 = new S3Client({});
  try {
    for (const bucket of Object.values(BUCKETS)) await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    for (let index = 0; index < FILES; index++) write(folder, index);
    const candidates: (Candidate & { bucket: string })[] = [
      {
        ...{ name: "greenlight", bucket: BUCKETS.own, environment },
        command: [process.execPath, PROGRAM, folder, BUCKETS.own],
      },
      {
        ...{ name: "aws s3 sync", bucket: BUCKETS.peer, environment },
        command: ["aws", "s3", "sync", folder, `s3://${BUCKETS.peer}`, "--only-show-errors"],
      },
    ];
    const present = candidates.filter(
      ({ command: [program = ""] }) => onPath(program) ?? program.includes("/"),
    );
    const all = present.map((candidate) => ({ ...candidate, prepare: () => empty(s3, candidate.bucket) }));
    const few = present.map((candidate) => ({
      ...candidate,
      prepare() {
        for (let index = 0; index < CHANGED; index++) write(folder, index);
      },
    }));
    const absent = present.length < candidates.length ? "aws is not on PATH and was not measured.\n" : "";
    return [
      table(`Site of ${FILES} files into an empty bucket`, await measure(all, rounds)),
      table(`The same with ${CHANGED} files changed`, await measure(few, rounds)),
      absent,
    ].join("\n");
  } finally {
    s3.destroy();
    rmSync(folder, { recursive: true });
  }
}

/** Assets of 2 to 34 KB in twenty folders, every fortieth file a document. */
function write(folder: string, index: number): void {
  const inside = join(folder, `part-${index % 20}`);
  mkdirSync(inside, { recursive: true });
  const name = index % 40 === 0 ? `page-${index}.html` : `asset-${index}.js`;
  writeFileSync(join(inside, name), randomBytes(1024 + (index % 17) * 1024).toString("hex"));
}

async function empty(s3: S3Client, bucket: string): Promise<void> {
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: bucket }))
    if (Contents.length > 0)
      await s3.send(
        new DeleteObjectsCommand({
          Bucket: bucket,
          Delete: { Objects: Contents.map(({ Key }) => ({ Key })), Quiet: true },
        }),
      );
}
