// `greenlight verify`: whether records are what was written and signed. Works offline, on copies in a folder.
import { parseArgs } from "node:util";
import { chainFaults, type StoredRecord } from "../../checks/record/links.ts";
import { type Command, UsageError } from "../command.ts";
import { existingStack } from "../engine.ts";
import { existingRecordPlace, newestRecords } from "../records/bucket.ts";
import { readCopies } from "../records/copies.ts";
import { signatureFaults } from "../records/signatures.ts";

const usage = `usage: greenlight verify FOLDER
       greenlight verify --stack STACK [--cwd DIR]

Checks the chain of release records and every signature in them, and names the first broken link. Exit code 1 when one is broken.
  FOLDER        copies of records, e.g. .greenlight/records/orders/production; needs no network
  --stack, -s   the records in the stack's bucket instead
  --cwd, -C     folder of Pulumi.yaml (default: here)`;

async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { stack: { type: "string", short: "s" }, cwd: { type: "string", short: "C", default: "." } },
  });
  const [folder, ...others] = positionals;
  if ((folder === undefined) === (values.stack === undefined) || others.length > 0)
    throw new UsageError("either a folder or --stack is needed");
  const records =
    folder === undefined ? await fromBucket(values.stack ?? "", values.cwd) : await readCopies(folder);
  const signed = await Promise.all(records.map(signatureFaults));
  const faults = [
    ...(folder === undefined ? beginningFaults(records) : []),
    ...chainFaults(records),
    ...signed.flatMap((one) => one.faults),
  ];
  const signatures = signed.reduce((sum, { checked }) => sum + checked, 0);
  for (const [index, fault] of faults.entries())
    process.stdout.write(`${index === 0 ? "first broken link" : "also broken"}: ${fault}\n`);
  process.stdout.write(
    `${records.length} records, ${signatures} signatures: ${faults.length === 0 ? "all hold" : `${faults.length} broken`}\n`,
  );
  return faults.length === 0 ? 0 : 1;
}

/** Records do not expire: all of a bucket begin with one that names none before it. Copies are of what one machine wrote. */
function beginningFaults([first]: StoredRecord[]): string[] {
  const before = first?.document.previous;
  return first && before ? [`${first.key}: the record before it, ${before.key}, is gone`] : [];
}

async function fromBucket(stackName: string, workDir: string): Promise<StoredRecord[]> {
  const { stack } = await existingStack(stackName, workDir);
  const place = await existingRecordPlace(stack);
  const records = await newestRecords(place, Number.POSITIVE_INFINITY);
  // Nothing holds where nothing is: a bucket that was emptied must not pass.
  if (records.length === 0)
    throw new Error(
      `stack "${stackName}": holds no record in its bucket ${place.bucket}, want some; run pulumi up, which writes one, or find out who took them away`,
    );
  return records;
}

export const verify: Command = { usage, run };
