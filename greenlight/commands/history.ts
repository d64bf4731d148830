// `greenlight history`: the release records of a stack, newest first.
import { parseArgs } from "node:util";
import type { StoredRecord } from "../../checks/record/links.ts";
import { type Command, UsageError } from "../command.ts";
import { existingStack } from "../engine.ts";
import { existingRecordPlace, newestRecords } from "../records/bucket.ts";

const usage = `usage: greenlight history --stack STACK [--most N] [--cwd DIR] [--json]

Lists the release records of a stack, newest first: time, release, result, boxes, who, record.
  --stack, -s   the stack
  --most        how many (default: 20)
  --cwd, -C     folder of Pulumi.yaml (default: here)
  --json        the records themselves as one JSON list`;

async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      stack: { type: "string", short: "s" },
      most: { type: "string", default: "20" },
      cwd: { type: "string", short: "C", default: "." },
      json: { type: "boolean", default: false },
    },
  });
  if (!values.stack) throw new UsageError("--stack is needed");
  const most = Number(values.most);
  if (!Number.isInteger(most) || most < 1)
    throw new UsageError(`--most must be a whole number from 1, got ${values.most}`);
  const { stack } = await existingStack(values.stack, values.cwd);
  const records = (await newestRecords(await existingRecordPlace(stack), most)).reverse();
  if (values.json) {
    process.stdout.write(`${JSON.stringify(records.map(({ key, document }) => ({ key, ...document })))}\n`);
    return 0;
  }
  for (const one of records) process.stdout.write(`${lineOf(one)}\n`);
  return 0;
}

/** A record in a line; of its boxes how many are settled, of all. */
export function lineOf({ key, document }: Pick<StoredRecord, "key" | "document">): string {
  const { recordedAt, release, result, rollback, boxes, by } = document;
  const back = result === "passed" ? `rollback in ${rollback?.seconds.toFixed(0)} s` : "rollback failed";
  const what = rollback ? back : result;
  const { total = 0, open = 0, pending = 0 } = boxes?.counts ?? {};
  const settled = boxes ? `${total - open - pending}/${total} boxes` : "";
  return [
    recordedAt,
    release.padEnd(12),
    what.padEnd(18),
    settled.padEnd(14),
    `${by.user}@${by.host}`,
    key,
  ].join("  ");
}

export const history: Command = { usage, run };
