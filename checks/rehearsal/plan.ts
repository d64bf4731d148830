// What a rehearsal would do, for the preview; a pending file without its way down, or with one that does not lead back, is told
// here, before anything is backed up.
import { Unreachable, withDatabase } from "../database.ts";
import { readMigrations } from "../migrations/directory.ts";
import { readHistory } from "../migrations/history.ts";
import { pendingOf } from "../migrations/pending.ts";
import type { RehearsalInputs } from "../rehearsal.ts";
import type { StepContext } from "../step/definition.ts";
import { rehearseInPreview } from "./in-preview.ts";

/** @throws when a pending file has no down file and must have one, or when its way down leaves another schema */
export async function planRehearsal(
  given: Partial<RehearsalInputs>,
  { signal }: StepContext,
): Promise<string[]> {
  const { directory, databaseUrl, schema = "public", historyTable = "greenlight_migrations" } = given;
  if (directory === undefined) return ["the directory of migrations is not known before up"];
  const set = readMigrations(directory, given.naming);
  const history =
    databaseUrl === undefined ? undefined : await historyOf(databaseUrl, schema, historyTable, signal);
  const { migrations } = pendingOf(set, history ?? [], { outOfOrder: "allow", gaps: "allow" });
  if (migrations.length === 0) return ["nothing pending: nothing to rehearse"];
  const oneWay = migrations.filter(({ kind, down }) => kind === "versioned" && down === undefined);
  if (oneWay.length > 0 && given.down !== "optional")
    throw new Error(
      `${oneWay.map(({ path }) => path).join(", ")}: no down file, want a way back; add ${oneWay[0]?.path.replace(/\.sql$/, ".down.sql")} or set down to optional`,
    );
  const planned = `${migrations.length} pending files on a copy restored from the backup: up, down, up`;
  if (oneWay.length > 0) return [planned, `without a way down: ${oneWay.map(({ path }) => path).join(", ")}`];
  if (databaseUrl === undefined || history === undefined)
    return [planned, "not tried in the preview: there is no database to copy yet; up does it"];
  return [
    planned,
    await rehearseInPreview(complete({ ...given, directory, databaseUrl }), migrations, signal),
  ];
}

/** The inputs with their defaults, which a preview that does not know all of them has not filled in. */
function complete(given: Partial<RehearsalInputs> & Pick<RehearsalInputs, "directory" | "databaseUrl">) {
  return {
    naming: "greenlight",
    schema: "public",
    historyTable: "greenlight_migrations",
    statementTimeoutSeconds: 300,
    outOfOrder: "refuse",
    gaps: "refuse",
    down: "required",
    beyondDatabase: "refuse",
    previewSeconds: 60,
    ...given,
  } satisfies Omit<RehearsalInputs, "backup">;
}

/** Undefined where the database cannot be reached. */
async function historyOf(databaseUrl: string, schema: string, table: string, signal: AbortSignal) {
  const session = { application: "rehearsal preview", signal, connectTimeoutSeconds: 5 };
  try {
    return await withDatabase(
      databaseUrl,
      session,
      async (client) => (await readHistory(client, { schema, table })) ?? [],
    );
  } catch (error) {
    // In a first up the database itself may still be to come: then every file is pending.
    if (error instanceof Unreachable) return undefined;
    throw error;
  }
}
