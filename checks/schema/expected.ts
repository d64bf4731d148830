// The objects that a stack wants to find, as its settings write them. A name alone asks only that the object is there.
import { z } from "zod";

const name = () => z.string().min(1);

const column = () =>
  z.strictObject({
    name: name(),
    /** As the catalog renders it, e.g. `timestamp with time zone`; the usual short names are understood. @default any */
    type: name().optional(),
    /** @default either */
    nullable: z.boolean().optional(),
    /** As the catalog renders it, e.g. `now()`; null for none. @default any */
    default: z.string().nullable().optional(),
  });

const table = () =>
  z.union([
    name(),
    z.strictObject({
      name: name(),
      columns: z.array(column()).default([]),
      /** Refuses columns that are not listed. @default false */
      exactColumns: z.boolean().default(false),
      /** `forced` holds for the owner too. @default not looked at */
      rowSecurity: z.enum(["enabled", "forced", "disabled"]).optional(),
      /** Storage parameters, e.g. `autovacuum_vacuum_scale_factor: 0.05`. */
      options: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
    }),
  ]);

const index = () =>
  z.union([
    name(),
    z.strictObject({
      name: name(),
      table: name().optional(),
      /** The leading columns, in order. */
      columns: z.array(name()).default([]),
      unique: z.boolean().optional(),
    }),
  ]);

const routine = () =>
  z.union([
    name(),
    z.strictObject({
      name: name(),
      /** Types, e.g. `integer, text`; empty for none. @default all that have the name, each as wanted */
      arguments: z.string().optional(),
      security: z.enum(["definer", "invoker"]).optional(),
      /** @default any; a definer function without one is refused anyway */
      searchPath: z.string().optional(),
    }),
  ]);

const trigger = () => z.strictObject({ name: name(), table: name(), function: name().optional() });
const constraint = () => z.strictObject({ name: name(), table: name() });
const policy = () =>
  z.strictObject({
    name: name(),
    table: name(),
    command: z.enum(["all", "select", "insert", "update", "delete"]).optional(),
    roles: z.array(name()).optional(),
  });
const view = () => z.union([name(), z.strictObject({ name: name(), materialized: z.boolean() })]);
const extension = () => z.union([name(), z.strictObject({ name: name(), version: name() })]);

/** Lists of expected objects; names outside of `public` carry their schema. */
export const expectedObjects = () => ({
  tables: z.array(table()).default([]),
  indexes: z.array(index()).default([]),
  functions: z.array(routine()).default([]),
  triggers: z.array(trigger()).default([]),
  constraints: z.array(constraint()).default([]),
  policies: z.array(policy()).default([]),
  views: z.array(view()).default([]),
  extensions: z.array(extension()).default([]),
});
const all = () => z.strictObject(expectedObjects());
export type ExpectedObjects = z.output<ReturnType<typeof all>>;
export type ExpectedTable = Exclude<ExpectedObjects["tables"][number], string>;
export type ExpectedColumn = ExpectedTable["columns"][number];

/** The long form of an entry that may be a name alone. */
export function named<Long extends { name: string }>(entry: string | Long): Partial<Long> & { name: string } {
  return typeof entry === "string" ? ({ name: entry } as Partial<Long> & { name: string }) : entry;
}
