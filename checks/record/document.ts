// The record of one deployment, as it is kept: the same content gives the same bytes (RFC 8785).
import { hostname, userInfo } from "node:os";
import { z } from "zod";
import { canonicalJson } from "../canonical-json.ts";
import type { Link } from "./chain.ts";
import { commit } from "./commits.ts";

const step = () =>
  z.looseObject({
    result: z.string(),
    observations: z.array(
      z.looseObject({ id: z.string(), result: z.string(), expected: z.string(), observed: z.string() }),
    ),
    facts: z.record(z.string(), z.json()),
    startedAt: z.string(),
    finishedAt: z.string(),
    durationSeconds: z.number().optional(),
  });

/** What a record says; fields of later versions are kept and not read. */
export const recordDocument = () =>
  z.looseObject({
    version: z.number(),
    /** Whether everything passed, or what stopped it. */
    result: z.enum(["passed", "failed"]).default("passed"),
    system: z.string(),
    stack: z.string(),
    release: z.string(),
    commit: z.string(),
    recordedAt: z.string(),
    /** When the deployment began; null where its steps say it. */
    startedAt: z.string().nullable().default(null),
    previous: z.strictObject({ key: z.string(), sha256: z.string() }).nullable(),
    steps: z.record(z.string(), step()),
    parts: z.record(z.string(), z.string()).default({}),
    by: z
      .looseObject({ user: z.string(), host: z.string(), run: z.string().nullable() })
      .default({ user: "", host: "", run: null }),
    /** By path; a secret as a digest. Null where it was not recorded. */
    settings: z.record(z.string(), z.string()).nullable().default(null),
    versions: z.record(z.string(), z.string()).default({}),
    /** What the release brought since the last one that passed, newest first. */
    commits: z.array(commit()).default([]),
    database: z
      .object({
        at: z.string().nullable(),
        migrations: z.array(z.object({ version: z.string(), name: z.string(), sha256: z.string() })),
        schemaDigest: z.string(),
      })
      .nullable()
      .default(null),
    snapshot: z
      .object({ key: z.string(), sha256: z.string(), migrations: z.string().nullable() })
      .nullable()
      .default(null),
    boxes: z
      .object({ counts: z.record(z.string(), z.number()) })
      .loose()
      .nullable()
      .default(null),
    rollback: z
      .object({
        to: z.string(),
        undoes: z.string().nullable(),
        /** From the command to the record. */
        seconds: z.number(),
        limitSeconds: z.number().optional(),
      })
      .nullable()
      .default(null),
    failure: z
      .object({ step: z.string().nullable(), messages: z.array(z.string()) })
      .nullable()
      .default(null),
  });
export type RecordDocument = z.output<ReturnType<typeof recordDocument>>;

/** Everything of a record but what is known only when it is written. */
export type RecordContent = Omit<RecordDocument, "version" | "recordedAt" | "previous" | "by"> & {
  [further: string]: unknown;
};

/** The canonical text. @param last the record before it @param id what tells this release from all others of its stack */
export function renderDocument(
  content: RecordContent,
  recordedAt: string,
  last: Link | undefined,
  id?: string,
): string {
  return canonicalJson({
    version: 2,
    ...(id === undefined ? {} : { id }),
    ...content,
    recordedAt,
    previous: last ?? null,
    by: whoAndWhere(),
  });
}

/** Who runs this, where, and in which run of a pipeline. */
function whoAndWhere() {
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID, CI_JOB_URL, GITHUB_ACTOR, GITLAB_USER_LOGIN } =
    process.env;
  const run =
    CI_JOB_URL ??
    (GITHUB_RUN_ID ? `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}` : null);
  return { user: GITHUB_ACTOR ?? GITLAB_USER_LOGIN ?? userInfo().username, host: hostname(), run };
}
