// Proves that the database's objects are as wanted, and what each role may see of its rows. Says nothing about how they came
// to be (migration.ts) or what rows there are (rows.ts).
import type * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { addressOf, withDatabase } from "./database.ts";
import { NAMINGS } from "./migrations/styles.ts";
import { type Catalog, readCatalog } from "./schema/catalog.ts";
import { compare } from "./schema/compare.ts";
import { expectedObjects } from "./schema/expected.ts";
import { probe, runProbe } from "./schema/probe.ts";
import type { ArgsOf } from "./step/args.ts";
import { defineStep, type Observation } from "./step/definition.ts";
import { namedList } from "./step/named-list.ts";
import { passwordsOf } from "./step/redaction.ts";
import { Step, type StepOptions } from "./step/resource.ts";

const inputs = () =>
  z.strictObject({
    /** Secret. */
    databaseUrl: z.string().min(1),
    /** Address of a role that may become the roles of the probes and write their rows; secret. @default databaseUrl */
    probeUrl: z.string().min(1).optional(),
    /** Schemas whose objects are looked at. @default ["public"] */
    schemas: z.array(z.string().min(1)).min(1).default(["public"]),
    ...expectedObjects(),
    /** Compares every object with what the migrations make of an empty database. @default not compared */
    fromMigrations: z
      .strictObject({
        directory: z.string().min(1),
        /** Whose names and formats the files have. @default "greenlight" */
        naming: z.enum(NAMINGS).default("greenlight"),
        /** Address of a role that may create a database for a moment; secret. @default databaseUrl */
        shadowUrl: z.string().min(1).optional(),
        /** @default "greenlight_migrations" in "public" */
        historySchema: z.string().min(1).default("public"),
        historyTable: z.string().min(1).default("greenlight_migrations"),
        /** Objects that no migration made. @default "refuse" */
        extras: z.enum(["refuse", "allow"]).default("refuse"),
      })
      .optional(),
    probes: namedList(probe()).default([]),
  });

type SchemaInputs = z.output<ReturnType<typeof inputs>>;

export const step = defineStep({
  inputs,
  secrets: ({ databaseUrl, probeUrl, fromMigrations }) =>
    [databaseUrl, probeUrl, fromMigrations?.shadowUrl].flatMap((url) =>
      url === undefined ? [] : [url, ...passwordsOf(url)],
    ),
  rerun: "always",
  deadlineSeconds: 300,
  async run(given, { signal }) {
    const session = { application: "schema", signal, statementTimeoutSeconds: 60 };
    const catalog = await withDatabase(given.databaseUrl, session, (client) =>
      readCatalog(client, given.schemas),
    );
    const probed: Observation[] = [];
    if (given.probes.length > 0)
      await withDatabase(given.probeUrl ?? given.databaseUrl, session, async (client) => {
        for (const wanted of given.probes) probed.push(await runProbe(client, wanted, signal));
      });
    const derived = await fromMigrations(given, catalog, signal);
    const count = (list: unknown[]) => list.length;
    return {
      observations: [...compare(given, catalog), ...derived, ...probed],
      facts: {
        database: addressOf(given.databaseUrl),
        tables: count(catalog.tables),
        indexes: count(catalog.indexes),
        functions: count(catalog.routines),
        policies: count(catalog.policies),
        triggers: count(catalog.triggers),
        constraints: count(catalog.constraints),
        notValid: catalog.constraints.filter((c) => !c.validated).map((c) => `${c.table}.${c.name}`),
        tableNames: catalog.tables.map((t) => t.name),
      },
    };
  },
});

async function fromMigrations(
  given: SchemaInputs,
  live: Catalog,
  signal: AbortSignal,
): Promise<Observation[]> {
  if (!given.fromMigrations) return [];
  const { compareDerived } = await import("./schema/derived.ts");
  const { shadowUrl, historySchema, historyTable, directory, naming, extras } = given.fromMigrations;
  const { readMigrations } = await import("./migrations/directory.ts");
  return compareDerived(async () => live, {
    shadowUrl: shadowUrl ?? given.databaseUrl,
    liveUrl: given.databaseUrl,
    migrations: readMigrations(directory, naming),
    history: { schema: historySchema, table: historyTable },
    schemas: given.schemas,
    extras,
    signal,
  });
}

/** Evidence: a group (`tables`, `indexes`, …) and each object in it (`table-queue-jobs`), probes as `isolation-NAME`. */
export class Schema extends Step {
  constructor(name: string, args: ArgsOf<typeof inputs> & StepOptions, opts?: pulumi.CustomResourceOptions) {
    super("schema", name, args, opts);
  }
}
