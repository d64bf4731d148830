import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { type Grammar, loadGrammar, offsetsOf } from "../../../checks/migrations/grammar.ts";
import { quoteName, quoteText } from "../../../checks/migrations/history.ts";
import { compareVersions, parseFileName } from "../../../checks/migrations/naming.ts";
import { place, readScript } from "../../../checks/migrations/script.ts";
import { kebab } from "../../../checks/step/kebab.ts";
import { newDatabase, query } from "../support/database.ts";
import { directoryOf, up } from "../support/migrations.ts";

let grammar: Grammar;
let url: string;
beforeAll(async () => {
  grammar = await loadGrammar();
  url = await newDatabase();
});

const version = fc.bigInt({ min: 0n, max: 10n ** 20n - 1n }).map(String);
const name = fc.stringMatching(/^[a-z0-9ñé][a-z0-9ñé_-]{0,20}$/);
const file = (sql: string) => ({ path: "1_x.sql", sql, sha256: "" });
/** Bits of SQL that open or close something, so that random texts are nearly statements. */
const sqlish = fc
  .array(
    fc.constantFrom(
      "select 1",
      ";",
      "'",
      '"',
      "$$",
      "--",
      "/*",
      "*/",
      "\n",
      "\\d",
      "commit",
      " verify",
      "greenlight:",
      "🦙ñ",
      " E'\\'",
      "begin",
      "copy a from stdin",
      ")",
      "create table ",
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(""));

describe("file names", () => {
  it("are read back as they were written", () => {
    fc.assert(
      fc.property(version, name, fc.constantFrom("", ".down"), (number, words, down) => {
        const kind = down ? "down" : "versioned";
        expect(parseFileName(`${number}_${words}${down}.sql`)).toEqual({
          kind,
          version: number,
          name: words,
        });
      }),
    );
  });

  it("of any kind are understood or refused, never anything else", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const parsed = parseFileName(`${text}.sql`);
        expect(parsed === undefined || parsed.version.length > 0).toBe(true);
      }),
    );
  });

  it("have one order: by number, repeatable ones last", () => {
    const any = fc.oneof(
      version,
      name.map((words) => `R_${words}`),
    );
    fc.assert(
      fc.property(any, any, any, (a, b, c) => {
        expect(Math.sign(compareVersions(a, b))).toBe(-Math.sign(compareVersions(b, a)) + 0);
        const sorted = [a, b, c].sort(compareVersions);
        expect([c, b, a].sort(compareVersions).map(canonical)).toEqual(sorted.map(canonical));
      }),
    );
  });
});

describe("file contents", () => {
  it("are read without an error of the reader's own, and every refusal names a line", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), sqlish), (sql) => {
        const script = readScript(file(sql.replaceAll("\0", "")), grammar);
        for (const refusal of script.refusals) expect(refusal).toMatch(/^1_x\.sql:\d+:\d+: /);
        for (const { text, offset } of script.statements)
          expect(script.file.sql.startsWith(text, offset)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("have places that count characters and lines as an editor does", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "grapheme" }), { maxLength: 6 }),
        fc.string(),
        (lines, before) => {
          const clean = [...lines, before].map((line) => line.replaceAll(/[\r\n]/g, ""));
          const text = `${clean.join("\n")}here`;
          const last = clean.at(-1) ?? "";
          expect(place(file(text), text.length - 4)).toBe(
            `1_x.sql:${clean.length}:${Array.from(last).length + 1}`,
          );
        },
      ),
    );
  });

  it("have offsets in characters beyond ASCII, in whatever order they are asked for", () => {
    const sql = "select 'ü'; select '🦙'; select 'ñandú 🦙ü', 1";
    const bytes = Array.from(sql, (_, index) => Buffer.byteLength(Array.from(sql).slice(0, index).join("")));
    const wanted = bytes.map((byte) => Buffer.from(sql).subarray(0, byte).toString().length);
    const at = offsetsOf(sql);
    expect(bytes.map(at)).toEqual(wanted);
    expect(bytes.toReversed().map(at)).toEqual(wanted.toReversed());
    expect([at(40), at(0), at(3), at(3)]).toEqual([offsetsOf(sql)(40), 0, 3, 3]);
  });

  it("are refused at the right line behind many of other scripts", () => {
    const before = "insert into t values ('ü 🦙');\n".repeat(200);
    const script = readScript(file(`${before}select 'ü';  commit;`), grammar);
    expect(script.refusals).toEqual([expect.stringMatching(/^1_x\.sql:201:14: "commit" in a file/)]);
  });

  it("whatever they are, leave the database whole: applied with a row, or not at all", async () => {
    await fc.assert(
      fc.asyncProperty(sqlish, async (sql) => {
        const fresh = await query(url, "drop table if exists greenlight_migrations, marker");
        expect(fresh).toEqual([]);
        const directory = directoryOf({ "1_x.sql": `create table marker ();\n${sql}` });
        const outcome = await up(url, directory).catch((error: Error) => error);
        const [[marked]] = (await query(url, "select to_regclass('marker') is not null")) as [[boolean]];
        const applied = !(outcome instanceof Error) && outcome.failure === undefined;
        expect(marked).toBe(applied);
        if (!applied)
          expect(outcome instanceof Error ? outcome.message : outcome.failure?.message).toMatch(/1_x\.sql/);
      }),
      { numRuns: 40 },
    );
  });
});

describe("names and texts in SQL", () => {
  it("come back from the server as they went", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme" }), async (text) => {
        const clean = text.replaceAll("\0", "");
        expect(await query(url, `select ${quoteText(clean)}`)).toEqual([[clean]]);
        const short = [...clean].slice(0, 10).join("") || "x";
        expect(await query(url, `select x.* from (select 1 as ${quoteName(short)}) x`)).toEqual([[1]]);
      }),
      { numRuns: 25 },
    );
  });

  it("make observation ids of lower-case words", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(kebab(text)).toMatch(/^([a-z0-9]+(-[a-z0-9]+)*)?$/);
      }),
    );
    expect(kebab("idx_queue_jobs_estado")).toBe("idx-queue-jobs-estado");
    expect(kebab("public.QueueJobs Añadir")).toBe("public-queue-jobs-anadir");
  });
});

function canonical(value: string): string {
  return /^\d+$/.test(value) ? String(BigInt(value)) : value;
}
