// The file format of smoke journeys (YAML): what a user does, step by step, and what must be seen after each step.
//
// ${name} in any text stands for a capture of an earlier step, a variable of the stack, `${run}` (unique in each run),
// `${release}`, `${variablesVersion}` (of the application's variables in the vault), or a secret of the stack, which no evidence
// shows. Written alone ("${id}") it keeps the captured value's type. Unknown names fail the file before any step.
import { readFile } from "node:fs/promises";
import { parse } from "yaml";
import { z } from "zod";
import { expectation } from "../http/expectation.ts";

const kebab = () => z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "must be kebab-case, e.g. enqueue-a-job");

/** JSON path to what is kept, e.g. `{ jobId: $.job.id }`. */
const captures = () =>
  z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9]*$/), z.string().startsWith("$")).default({});

const httpAction = () =>
  z.strictObject({
    method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]).default("GET"),
    /** From the base URL, e.g. `/api/queue/jobs/${jobId}`; a full URL is taken as it is. */
    path: z.string().regex(/^(\/|https?:\/\/|\$\{)/, "must start with / or be a URL"),
    headers: z.record(z.string(), z.string()).default({}),
    /** Name of a token of the file: sent as `authorization: Bearer …`. */
    token: z.string().optional(),
    /** Sent as JSON. */
    body: z.unknown().optional(),
    /** Sent as written, e.g. broken JSON; `content-type` is up to `headers`. */
    rawBody: z.string().optional(),
    /** Sends the HMAC-SHA256 of `rawBody` under a secret of the stack, in hexadecimal, as providers sign their webhooks. */
    signature: z
      .strictObject({
        /** @example x-hub-signature-256 */
        header: z.string().min(1),
        /** The secret's name. */
        secret: z.string().min(1),
        /** What stands before it, e.g. `sha256=`. */
        prefix: z.string().default(""),
      })
      .optional(),
    timeoutSeconds: z.number().min(0.1).max(300).default(10),
  });

const step = () =>
  z
    .strictObject({
      /** Observation id is `<journey>-<step>`. */
      name: kebab(),
      title: z.string().optional(),
      request: httpAction().optional(),
      /** Answer `$` is `{ rows: [...], count }`; only the database of the stack. */
      sql: z
        .strictObject({ query: z.string().min(1), parameters: z.array(z.unknown()).default([]) })
        .optional(),
      /** Answer `$` is `{ reply }`. */
      redis: z.strictObject({ command: z.array(z.string()).min(1) }).optional(),
      /** What arrived at the message sink; answer `$` is `{ messages: [...], count }`. Where no JSON is expected, one at least is. */
      sink: z.strictObject({ kind: z.enum(["mail", "webhook"]), contains: z.string().min(1) }).optional(),
      expect: expectation().optional(),
      capture: captures(),
      /** Repeats the step until the expectation holds, at most so long. @default one try */
      waitSeconds: z.number().min(0.1).max(3600).optional(),
      everySeconds: z.number().min(0.05).max(60).default(0.25),
    })
    .refine(
      (s) => [s.request, s.sql, s.redis, s.sink].filter((action) => action !== undefined).length === 1,
      {
        message: "must have exactly one of request, sql, redis, sink",
      },
    );

const token = () =>
  z.strictObject({
    algorithm: z.enum(["HS256", "HS384", "HS512"]).default("HS256"),
    /** Name of a secret of the stack's settings that signs the token, e.g. `jwtSecret`. */
    secret: z.string().min(1),
    claims: z.record(z.string(), z.unknown()).default({}),
    expiresInSeconds: z.number().int().min(-3600).max(86_400).default(300),
  });

const journey = () =>
  z.strictObject({
    name: kebab(),
    title: z.string().min(1),
    steps: z.array(step()).min(1),
    /** Run in order after the journey, also after a failed one; a step whose captures are missing is left out, and the clean-up inconclusive. */
    cleanup: z.array(step()).default([]),
  });

/** The schema of the whole file. */
export const journeyFile = () =>
  z.strictObject({
    tokens: z.record(z.string(), token()).default({}),
    variables: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
    journeys: z.array(journey()).min(1),
  });

export type JourneyFile = z.output<ReturnType<typeof journeyFile>>;
export type Journey = JourneyFile["journeys"][number];
export type JourneyStep = Journey["steps"][number];
export type TokenSpec = JourneyFile["tokens"][string];

/**
 * Reads and validates a journey file.
 * @throws with every fault and its path when the file does not have the format
 */
export async function readJourneys(path: string): Promise<JourneyFile> {
  const parsed = journeyFile().safeParse(parse(await readFile(path, "utf8")));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join(".") || "file"}: ${issue.message}`);
  throw new Error(`journeys "${path}": ${faults.join("; ")}; correct the file`);
}

/** The file with the named journeys alone; all when none is named. @throws when one does not exist */
export function selected(file: JourneyFile, only: string[]): JourneyFile {
  const known = file.journeys.map(({ name }) => name);
  const missing = only.find((name) => !known.includes(name));
  if (missing !== undefined)
    throw new Error(`journey "${missing}": not in the file, want one of ${known.join(", ")}`);
  return only.length === 0
    ? file
    : { ...file, journeys: file.journeys.filter(({ name }) => only.includes(name)) };
}
