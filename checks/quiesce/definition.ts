// What is switched off while a release goes on, and what is waited for: flags in a table, in Redis or behind HTTP, and queues.
import { z } from "zod";
import { passwordsOf } from "../step/redaction.ts";

const kebab = () => z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "must be kebab-case, e.g. auto-sync");

/** One switch; exactly one place. Values are texts, as the place writes them. */
export const flag = () =>
  z
    .strictObject({
      name: kebab().describe("the observation is called flag-NAME"),
      table: z
        .strictObject({
          table: z.string().min(1).describe("outside of `public` with its schema"),
          keyColumn: z.string().min(1).describe("column that names the flag"),
          key: z.string().min(1).describe("the flag's name in it"),
          column: z.string().min(1).describe("column with the value"),
        })
        .optional()
        .describe("a row of a table"),
      redis: z
        .strictObject({ key: z.string().min(1) })
        .optional()
        .describe("a key of Redis; no value is no key"),
      http: z
        .strictObject({
          url: z.url({ protocol: /^https?$/ }).describe("answers the value, and takes a new one"),
          path: z.string().startsWith("$").describe("where the answer holds the value, as JSON path"),
          method: z.enum(["PUT", "POST", "PATCH"]).default("PUT").describe("how a value is set"),
          body: z
            .string()
            .min(1)
            .describe(
              "what is sent then, JSON; `${value}` stands for the value, as it is written within a text",
            ),
          headers: z.record(z.string(), z.string()).default({}).describe("sent with both"),
        })
        .optional()
        .describe("an address of the application"),
      off: z.string().describe("the value while the release goes on"),
      after: z.string().optional().describe("the value afterwards; without it the one before"),
    })
    .refine((f) => [f.table, f.redis, f.http].filter((place) => place !== undefined).length === 1, {
      error: "exactly one of table, redis, http",
    });
export type Flag = z.output<ReturnType<typeof flag>>;

/** One queue that has to be empty; exactly one way of counting. */
export const queue = () =>
  z
    .strictObject({
      name: kebab().describe("the observation is called drained-NAME"),
      sql: z.string().min(1).optional().describe("a query that counts what is being worked on"),
      redisList: z.string().min(1).optional().describe("a list of Redis that must become empty"),
      bullmq: z
        .strictObject({ queue: z.string().min(1), prefix: z.string().min(1).default("bull") })
        .optional()
        .describe("a BullMQ queue: it is paused, and its active jobs are waited for"),
    })
    .refine((q) => [q.sql, q.redisList, q.bullmq].filter((way) => way !== undefined).length === 1, {
      error: "exactly one of sql, redisList, bullmq",
    });
export type Queue = z.output<ReturnType<typeof queue>>;

/** What the steps quiesce and resume share. */
export const quietInputs = {
  system: z.string().regex(/^[\w.-]+$/),
  stack: z.string().regex(/^[\w.-]+$/),
  flags: z.array(flag()).default([]),
  queues: z.array(queue()).default([]),
  databaseUrl: z.string().optional(),
  redisUrl: z.string().optional(),
  redisCaFile: z.string().optional(),
};
const quiet = z.strictObject(quietInputs);
export type Quiet = z.output<typeof quiet>;

/** What must not appear in anything that these steps say. */
export function quietSecrets({
  databaseUrl,
  redisUrl,
  flags,
}: Pick<Quiet, "databaseUrl" | "redisUrl" | "flags">): string[] {
  return [
    ...passwordsOf(databaseUrl ?? ""),
    ...passwordsOf(redisUrl ?? ""),
    ...flags.flatMap(({ http }) => Object.values(http?.headers ?? {})),
  ];
}
