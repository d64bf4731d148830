// Runs a no-transaction file statement by statement. Each one commits by itself, so that how far it came is written to the
// history after every one: the next run goes on behind the last, also when the file's rest was corrected in between.
import { createHash } from "node:crypto";
import type { Client } from "pg";
import type { SentText } from "./failure.ts";
import { MigrationFailure } from "./failure.ts";
import { type HistoryPlace, type HistoryRow, type NewRow, recordSql } from "./history.ts";
import { clearLeftover, concurrentIndexOf } from "./index-repair.ts";
import { send } from "./message.ts";
import type { Script, Statement } from "./script.ts";
import { FileFailure, type Limits, prepareSession, runInTransaction } from "./transaction.ts";

export interface StepwiseOptions {
  limits: Limits;
  place: HistoryPlace;
  signal: AbortSignal;
  log(line: string): void;
}

/** @param partial the history's row of an earlier run that stopped within the file. @throws FileFailure, MigrationFailure */
export async function runStepwise(
  client: Client,
  script: Script,
  row: NewRow,
  partial: HistoryRow | undefined,
  options: StepwiseOptions,
): Promise<void> {
  const started = performance.now();
  const done = doneBefore(script, partial);
  if (done > 0)
    options.log(`${script.file.path}: goes on at statement ${done + 1} of ${script.statements.length}`);
  await prepareSession(client, script, options.limits);
  for (const [index, statement] of script.statements.entries()) {
    if (index < done) continue;
    options.signal.throwIfAborted();
    // A valid index is taken as done only where an earlier run may have made it: otherwise the name clash is the file's fault.
    const mayBeOurs = partial !== undefined && index === done;
    const leftover = await clearLeftover(client, statement, options.log);
    if (!(leftover === "present" && mayBeOurs)) await runStatement(client, script, statement, options);
    const progress = { ...row, kind: "partial" as const, statements: index + 1 };
    await client.query(
      recordSql(
        options.place,
        { ...progress, sha256: prefixHash(script, index + 1) },
        performance.now() - started,
      ),
    );
  }
  await finish(client, script, recordSql(options.place, row, performance.now() - started), options);
}

/** The verify block and the history row share a transaction; the file's own statements are committed already. */
async function finish(
  client: Client,
  script: Script,
  record: string,
  options: StepwiseOptions,
): Promise<void> {
  await runInTransaction(client, { ...script, body: "", statements: [] }, options.limits, record);
}

async function runStatement(
  client: Client,
  script: Script,
  statement: Statement,
  options: StepwiseOptions,
): Promise<void> {
  const failure = await send(client, statement.text);
  if (!failure) return;
  // Not left for the next run: until then it would slow down every write.
  if (concurrentIndexOf(statement.node)) await clearLeftover(client, statement, options.log).catch(() => {});
  const sent: SentText = {
    text: statement.text,
    bodyStart: -statement.offset,
    before: 0,
    statements: [statement],
    verify: [],
  };
  throw new FileFailure(script, sent, failure);
}

function doneBefore(script: Script, partial: HistoryRow | undefined): number {
  const done = partial?.statements ?? 0;
  if (!partial || done === 0) return 0;
  if (done <= script.statements.length && prefixHash(script, done) === partial.sha256) return done;
  throw new MigrationFailure(
    `${script.file.path}: statements 1 to ${done} are applied and were edited since; restore them, only what follows may change`,
    script.file.path,
  );
}

function prefixHash(script: Script, statements: number): string {
  const hash = createHash("sha256");
  for (const { text } of script.statements.slice(0, statements)) hash.update(`${text};\n`);
  return hash.digest("hex");
}
