// For any releases one after the other, some of them failing at some step, the way back gives what the record of the target says:
// database, rows, site, flags, application, secret and infrastructure. GREENLIGHT_PROPERTY_RUNS sets how many sequences are
// tried, GREENLIGHT_PROPERTY_SEED which; each goes on from where the one before it ended.
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { query } from "../../checks/support/database.ts";
import { FIRST, type SmallRelease, SmallSystem } from "../support/small-system.ts";
import type { World } from "../support/small-world.ts";

const MINUTES = 60_000;
const RUNS = Number(process.env.GREENLIGHT_PROPERTY_RUNS ?? "1");
// By default a sequence that goes two generations back, over a release that failed at its release step.
const SEED = Number(process.env.GREENLIGHT_PROPERTY_SEED ?? "33");

/** What one release changes. */
const change = fc.record({
  migrations: fc.array(fc.constantFrom("table", "column", "index", "rows"), { maxLength: 2 }),
  site: fc.dictionary(fc.constantFrom("a.html", "b.html", "data.json"), fc.stringMatching(/^[a-z]{1,8}$/)),
  setting: fc.stringMatching(/^[a-z]{1,8}$/),
  flag: fc.constantFrom("on" as const, "off" as const, undefined),
  /** The step at which it fails, if it does. */
  fails: fc.constantFrom(undefined, undefined, "migration", "release", "observation"),
  /** Whether somebody writes rows once it is out. */
  written: fc.boolean(),
});
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

let system: SmallSystem;
/** Counts releases and migrations over all sequences: none has the name of another. */
let number = 1;
let migrations: { [file: string]: string } = FIRST;

beforeAll(async () => {
  system = await SmallSystem.make("property");
  await release({
    migrations: [],
    site: {},
    setting: "first",
    flag: undefined,
    fails: undefined,
    written: false,
  });
}, 10 * MINUTES);
afterAll(() => system.destroy(), 5 * MINUTES);

/** One release; what was there afterwards when it passed. */
async function release(made: Change): Promise<World | undefined> {
  number++;
  const own: { [file: string]: string } = {};
  for (const [index, kind] of made.migrations.entries()) {
    const file = `${String(number).padStart(7, "0")}${index}_${kind}`;
    const [there, away] = wayOf(kind, `${number}_${index}`);
    own[`${file}.sql`] = there;
    own[`${file}.down.sql`] = away;
  }
  const broken: { [file: string]: string } =
    made.fails === "migration"
      ? {
          [`${String(number).padStart(7, "0")}9_broken.sql`]: "create table half (id int); select 1 / 0",
          [`${String(number).padStart(7, "0")}9_broken.down.sql`]: "drop table half",
        }
      : {};
  const version = `${number}.0.0`;
  const whole: SmallRelease = {
    version,
    migrations: { ...migrations, ...own, ...broken },
    site: { "index.html": `<p>${version}</p>`, ...made.site },
    setting: made.setting,
    ...(made.flag === undefined ? {} : { flag: made.flag }),
    ...(made.fails === "release" ? { answers: "another" } : {}),
    ...(made.fails === "observation" ? { metrics: { errors: 50 } } : {}),
  };
  system.write(whole);
  const report = await system.up();
  expect(report.errors.length > 0).toBe(made.fails !== undefined);
  migrations = { ...migrations, ...own };
  if (made.fails !== undefined) return undefined;
  const world = await system.world();
  if (made.written)
    await query(system.databaseUrl, `insert into orders (id, note) values (${number}, 'a customer')`);
  return world;
}

/** A change of the database and its inverse. */
function wayOf(kind: string, name: string): [string, string] {
  switch (kind) {
    case "table":
      return [`create table t${name} (id int); insert into t${name} values (1), (2)`, `drop table t${name}`];
    case "column":
      return [
        `alter table orders add column c${name} text default 'x'`,
        `alter table orders drop column c${name}`,
      ];
    case "index":
      return [`create index i${name} on orders (note)`, `drop index i${name}`];
    default:
      return [
        `insert into orders (id, note) values (${name.replace("_", "")}000, 'ours')`,
        `delete from orders where id = ${name.replace("_", "")}000`,
      ];
  }
}

/** What customers wrote, whatever columns there are: it outlives every way back by down files. */
const customers = () =>
  query(system.databaseUrl, "select id, note from orders where note = 'a customer' order by id");

describe("the way back", () => {
  it("ends like the record of the release that it goes to", { timeout: RUNS * 20 * MINUTES }, async () => {
    const sequences = fc.array(change, { minLength: 2, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(sequences, fc.nat(), async (made, back) => {
        const good: { version: string; world: World; files: typeof migrations }[] = [];
        // The first of a sequence is one that one can go back to.
        for (const [index, one] of made.entries()) {
          const world = await release(index === 0 ? { ...one, fails: undefined } : one);
          if (world) good.push({ version: `${number}.0.0`, world, files: migrations });
        }
        // The last one, when it is out, is what is undone.
        const failed = made.at(-1)?.fails !== undefined && made.length > 1;
        const able = failed || good.length === 1 ? good : good.slice(0, -1);
        const target = able[back % able.length];
        if (!target || (good.length === 1 && !failed)) return;
        const written = await customers();
        const report = await system.rollBack({ to: target.version });
        expect(report?.errors).toEqual([]);
        const { rows, ...world } = await system.world();
        const { rows: recorded, ...wanted } = target.world;
        expect(world).toEqual(wanted);
        // Tables and what releases put there, as recorded; what customers wrote since is kept.
        const { orders = [], ...others } = rows;
        const { orders: before = [], ...rest } = recorded;
        expect(others).toEqual(rest);
        expect(orders.filter(([, note]) => note !== "a customer")).toEqual(
          before.filter(([, note]) => note !== "a customer"),
        );
        expect(await customers()).toEqual(written);
        migrations = target.files;
      }),
      { numRuns: RUNS, seed: SEED, endOnFailure: true },
    );
  });
});
