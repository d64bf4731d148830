// How other tools name and write their migrations, as far as PostgreSQL's SQL goes: which file is which version's way up or down.
// Pure; nothing here runs a file.
import { type FileName, parseFileName } from "./naming.ts";

/** A way of a file that holds both: its text stands at its own lines, everything else is blank. */
export interface Part {
  sql: string;
  transactional?: boolean;
}

export interface Style {
  /** The names that it knows, for messages. */
  want: string;
  /** Whether files may stand in folders. */
  recursive: boolean;
  /** `ignored` for what is no migration; undefined for a name that has no clear order. @param path with slashes */
  parse(path: string): FileName | "ignored" | undefined;
  /** The ways of a file that holds both. */
  split?(sql: string): { up: Part; down?: Part; fault?: string };
  /** What in a file only its own tool can do. */
  faults?(sql: string): string[];
}

export const NAMINGS = [
  "greenlight",
  "flyway",
  "golang-migrate",
  "dbmate",
  "goose",
  "diesel",
  "prisma",
  "supabase",
  "node-pg-migrate",
] as const;
export type Naming = (typeof NAMINGS)[number];

// Migrations that are programs: a folder is not whole without them.
const PROGRAM = /(^|\/)V?\d+[\d.-]*_.*(?<!_test)\.(go|js|cjs|mjs|ts|py|java|kt|rb)$/;

// In any case: `0002_y.SQL` is no name of a migration, and passed over it would be missed by nobody.
const SQL = /\.sql$/i;

/** A file of its own a way; what is no SQL is left alone, a migration that is a program is not. */
function named(
  path: string,
  pattern: RegExp,
  kindOf: (groups: { [name: string]: string | undefined }) => FileName["kind"],
): FileName | "ignored" | undefined {
  const groups = pattern.exec(path)?.groups;
  if (groups?.version)
    return { kind: kindOf(groups), version: groups.version, name: groups.name || groups.version };
  return SQL.test(path) || PROGRAM.test(path) ? undefined : "ignored";
}

/** The text between two markers with everything else made blank, so that lines and columns stay. */
function between(sql: string, from: number, to: number): string {
  const blank = (text: string) => text.replace(/[^\n]/g, " ");
  return `${blank(sql.slice(0, from))}${sql.slice(from, to)}`;
}

function divided(
  sql: string,
  { up, down }: { up: RegExp; down: RegExp },
  fault: string | undefined,
): { up: Part; down?: Part; fault?: string } {
  const [upAt, downAt] = [up.exec(sql), down.exec(sql)];
  if (!upAt && fault) return { up: { sql }, fault };
  const start = upAt ? upAt.index + upAt[0].length : 0;
  const reversed = upAt !== null && downAt !== null && downAt.index < upAt.index;
  const end = downAt && !reversed ? downAt.index : sql.length;
  const plain = /(transaction:\s*false|NO TRANSACTION)/;
  const part = (marker: string | undefined, from: number, to: number): Part =>
    plain.test(marker ?? "") || /^--\s*\+goose\s+NO TRANSACTION/m.test(sql)
      ? { sql: between(sql, from, to), transactional: false }
      : { sql: between(sql, from, to) };
  const way = part(upAt?.[0], start, end);
  if (!downAt) return { up: way };
  const back = part(downAt[0], downAt.index + downAt[0].length, reversed ? (upAt?.index ?? 0) : sql.length);
  return { up: way, ...(hasSql(back.sql) ? { down: back } : {}) };
}

/** Whether anything but comments is in it: an empty way down takes nothing back. */
function hasSql(sql: string): boolean {
  return sql.replace(/--[^\n]*/g, "").trim() !== "";
}

/** `20240131093000_name.sql` */
const DATED = /^(?<version>\d+)_(?<name>.+)\.sql$/;

export const STYLES: { [name in Naming]: Style } = {
  greenlight: {
    want: "NNNN_name.sql, NNNN_name.down.sql or R_name.sql",
    recursive: false,
    parse: (path) => (SQL.test(path) ? parseFileName(path) : "ignored"),
  },
  flyway: {
    want: "V1__name.sql, U1__name.sql or R__name.sql",
    recursive: true,
    parse(path) {
      const file = path.split("/").at(-1) ?? path;
      const repeatable = /^R__(?<name>.+)\.sql$/.exec(file)?.groups?.name;
      if (repeatable) return { kind: "repeatable", version: `R__${repeatable}`, name: repeatable };
      const found = named(file, /^(?<kind>[VU])(?<version>\d+([._]\d+)*)__(?<name>.+)\.sql$/, ({ kind }) =>
        kind === "U" ? "down" : "versioned",
      );
      // Callbacks and baselines would be run by Flyway; any other name it passes over.
      if (typeof found !== "object")
        return /^(before|after|B\d)\w*\.sql$/.test(file) || PROGRAM.test(path) ? undefined : "ignored";
      return { ...found, version: found.version.replaceAll("_", ".") };
    },
    faults: (sql) =>
      [...new Set(sql.match(/\$\{[\w.:]+\}/g))].map(
        (placeholder) => `${placeholder} is a placeholder of Flyway's; write its value`,
      ),
  },
  "golang-migrate": {
    want: "1_name.up.sql or 1_name.down.sql",
    recursive: false,
    parse: (path) =>
      named(path, /^(?<version>\d+)_(?<name>.*)\.(?<way>up|down)\.sql$/, ({ way }) =>
        way === "up" ? "versioned" : "down",
      ),
  },
  dbmate: {
    want: "20240131093000_name.sql",
    recursive: false,
    parse: (path) => named(path, DATED, () => "both"),
    split: (sql) =>
      divided(
        sql,
        { up: /^--\s*migrate:up\b.*$/m, down: /^--\s*migrate:down\b.*$/m },
        "no line -- migrate:up; add it before the first statement",
      ),
  },
  goose: {
    want: "00001_name.sql",
    recursive: false,
    parse: (path) => named(path, DATED, () => "both"),
    split: (sql) =>
      divided(
        sql,
        { up: /^--\s*\+goose\s+Up\b.*$/m, down: /^--\s*\+goose\s+Down\b.*$/m },
        "no line -- +goose Up; add it before the first statement",
      ),
    faults: (sql) =>
      /^--\s*\+goose\s+ENVSUB\s+ON/m.test(sql)
        ? ["-- +goose ENVSUB puts variables of the environment in; write their values"]
        : [],
  },
  diesel: {
    want: "2024-01-31-093000_name/up.sql or down.sql",
    recursive: true,
    parse(path) {
      const found = named(path, /^(?<version>\d[\d-]*)_(?<name>[^/]*)\/(?<way>up|down)\.sql$/, ({ way }) =>
        way === "up" ? "versioned" : "down",
      );
      if (typeof found !== "object") return found;
      return { ...found, version: found.version.replaceAll("-", "") };
    },
  },
  prisma: {
    want: "20240131093000_name/migration.sql",
    recursive: true,
    // The whole name of the folder is the version: many share a time.
    parse: (path) =>
      named(path, /^(?<version>[^/]+)\/(?<way>migration|down)\.sql$/, ({ way }) =>
        way === "migration" ? "versioned" : "down",
      ),
  },
  supabase: {
    want: "20240131093000_name.sql",
    recursive: false,
    parse: (path) => named(path, DATED, () => "versioned"),
  },
  "node-pg-migrate": {
    want: "1706693400000_name.sql, or .up.sql and .down.sql",
    recursive: false,
    parse: (path) =>
      named(path, /^(?<version>\d+)[_-](?<name>.+?)(\.(?<way>up|down))?\.sql$/, ({ way }) =>
        way === "up" ? "versioned" : way === "down" ? "down" : "both",
      ),
    split: (sql) =>
      divided(
        sql,
        { up: /^[ \t]*--[ \t-]*up[ \t]+migration.*$/im, down: /^[ \t]*--[ \t-]*down[ \t]+migration.*$/im },
        undefined,
      ),
  },
};
