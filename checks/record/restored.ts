// Whether a rollback came back to what was recorded: schema, site, release, and the time that it took. Pure.
import type { RecordInputs } from "../record.ts";
import { type Observation, observe } from "../step/definition.ts";
import type { Looked } from "./database.ts";

type Undo = NonNullable<RecordInputs["undo"]>;

/** @param now when the deployment is proven, but for its record */
export function judgeRestored(
  undo: Undo,
  { steps, parts }: Pick<RecordInputs, "steps" | "parts">,
  database: Looked | undefined,
  now: Date,
): Observation[] {
  const seconds = (now.getTime() - Date.parse(undo.startedAt)) / 1000;
  return [
    judgeSchema(undo.schemaDigest, database),
    judgeSite(undo.site, manifestOf(steps.site?.facts.manifest)),
    judgeParts(undo.parts, parts),
    observe(
      "rollback-time",
      seconds <= undo.limitSeconds,
      `back within ${undo.limitSeconds} s`,
      `${seconds.toFixed(0)} s from the command to the last proof`,
    ),
  ];
}

function judgeSchema(wanted: string | null, database: Looked | undefined): Observation {
  const expected = "the schema's digest equals the record's";
  if (wanted === null)
    return { id: "schema-restored", result: "notApplicable", expected, observed: "the record has no schema" };
  const equal =
    database !== undefined && [database.state.schemaDigest, database.formerDigest].includes(wanted);
  const seen = equal ? wanted : database?.state.schemaDigest;
  return observe("schema-restored", equal, `${expected}, ${wanted}`, seen ?? "no database");
}

function judgeSite(wanted: Undo["site"], seen: { [path: string]: string }): Observation {
  const expected = "every file of the site has the record's digest";
  if (wanted === null)
    return { id: "site-restored", result: "notApplicable", expected, observed: "the record has no site" };
  const paths = new Set([...Object.keys(wanted), ...Object.keys(seen)]);
  const differing = [...paths].filter((path) => wanted[path] !== seen[path]);
  const observed =
    differing.length === 0 ? `${paths.size} files` : `other: ${differing.slice(0, 5).join(", ")}`;
  return observe("site-restored", differing.length === 0, expected, observed);
}

/** What a rollback brings back as it was; settings name the rollback itself, and the program is today's. */
const SAME = ["release", "application", "site", "migrations"];

function judgeParts(wanted: { [part: string]: string }, seen: { [part: string]: string }): Observation {
  const named = SAME.filter((part) => wanted[part] !== undefined);
  const differing = named.filter((part) => wanted[part] !== seen[part]);
  return observe(
    "release-restored",
    differing.length === 0 && named.length > 0,
    `${named.join(", ")} as recorded`,
    differing.length === 0 ? `release ${seen.release}` : `other: ${differing.join(", ")}`,
  );
}

/** Digests by path from the facts of the site step. */
export function manifestOf(manifest: unknown): { [path: string]: string } {
  if (manifest === null || typeof manifest !== "object") return {};
  return Object.fromEntries(
    Object.entries(manifest).map(([path, file]) => [
      path,
      file !== null && typeof file === "object" && "sha256" in file ? String(file.sha256) : "",
    ]),
  );
}
