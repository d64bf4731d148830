// The only reader of configuration: the keys `greenlight:<section>` and `aws:region` of a stack become typed, frozen
// settings, or one error that lists every fault with its line. Says nothing about whether the values work: preflight does.
import * as pulumi from "@pulumi/pulumi";
import { type Fault, faultsOf } from "./settings/faults.ts";
import { interpolate, type Misformed, retyped } from "./settings/interpolation.ts";
import { jsonSchemaOf, schemaAt } from "./settings/json-schema.ts";
import { nearest } from "./settings/nearest.ts";
import { type ProjectFiles, readProjectFiles } from "./settings/project-file.ts";
import { regionFaults } from "./settings/region.ts";
import { relationFaults } from "./settings/relations.ts";
import { type Section, type SectionName, sections } from "./settings/sections.ts";
import { type Place, placesOf, pulumiSource, type Source } from "./settings/source.ts";

const NAMESPACE = "greenlight:";

/** The sections that the stack has; `system` is always there. */
export type Settings = { readonly [Name in SectionName]?: Section<Name> } & {
  readonly system: Section<"system">;
  /** What the files that settings point to say. */
  readonly expected: ProjectFiles;
  /** `aws:region`. */
  readonly region: string;
  readonly stack: string;
  /** The project's folder, absolute; relative paths in settings start here. */
  readonly directory: string;
};

/**
 * Reads the settings of the current stack.
 * @throws {pulumi.RunError} with one line for every fault found
 */
export function readSettings(source: Source = pulumiSource()): Settings {
  const placeOf = source.text === undefined ? () => ({ line: 1, encrypted: false }) : placesOf(source.text);
  const faults = unknownSections(source);
  const found: { [name: string]: unknown } = {};
  for (const [name, schema] of Object.entries(sections())) {
    const key = NAMESPACE + name;
    const text = source.values[key];
    if (text === undefined) continue;
    const raw = parsed(text);
    const { value, missing } = interpolate(raw, source.environment);
    const first = schema.safeParse(value);
    const misformed = (first.error?.issues ?? []).flatMap(({ code, path, ...issue }): Misformed[] => {
      if (code === "invalid_type") return [{ path }];
      return code === "invalid_format" && "format" in issue && typeof issue.format === "string"
        ? [{ path, format: issue.format }]
        : [];
    });
    const result = first.success ? first : schema.safeParse(retyped(value, raw, misformed));
    faults.push(
      ...missing.map(({ path, variable, reason }) => ({
        path: [key, ...path],
        found: `environment variable ${variable} ${reason}`,
        want: "a value",
        next: `export ${variable} before you run pulumi`,
      })),
    );
    // Only now, since making a JSON Schema takes longer than all the rest.
    if (!result.success || source.secretKeys.includes(key)) {
      const json = jsonSchemaOf(schema);
      // Without the file nobody knows which value of the section is the secret one.
      const unknown = source.text === undefined && source.secretKeys.includes(key);
      const encrypted = (path: PropertyKey[]) => unknown || placeOf(path).encrypted;
      faults.push(
        ...encryptedInClear(key, raw, json, placeOf),
        ...faultsOf(key, result.error?.issues ?? [], json, raw, encrypted),
      );
    }
    if (result.success) found[name] = result.data;
  }
  const present = Object.keys(source.values)
    .filter((key) => key.startsWith(NAMESPACE))
    .map((key) => key.slice(NAMESPACE.length));
  faults.push(...relationFaults(present, found));
  const project = readProjectFiles(source.directory, filesOf(found));
  faults.push(...project.faults);
  const region = source.values["aws:region"];
  faults.push(...regionFaults(region, found));
  if (faults.length > 0) throw new pulumi.RunError(render(source, faults, placeOf));
  return frozen({
    ...found,
    expected: project.files,
    region,
    stack: source.stack,
    directory: source.directory,
  }) as Settings;
}

/** The files that sections without a fault point to. */
function filesOf({ schema, rows }: { [Name in SectionName]?: Section<Name> }) {
  return { schema: schema?.file, rows: rows?.file };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A section written as plain text: the schema says that it wants settings.
    return text;
  }
}

function unknownSections(source: Source): Fault[] {
  const known = Object.keys(sections());
  return Object.keys(source.values)
    .filter((key) => key.startsWith(NAMESPACE) && !known.includes(key.slice(NAMESPACE.length)))
    .map((key) => {
      const meant = nearest(key.slice(NAMESPACE.length), known);
      return {
        path: [key],
        found: "a section that does not exist",
        want: `one of ${known.join(", ")}`,
        next: meant ? `did you mean ${NAMESPACE}${meant}?` : "remove it",
      };
    });
}

/** Encrypted values at settings that the program has to show: taking them would print them. */
function encryptedInClear(
  key: string,
  raw: unknown,
  schema: ReturnType<typeof jsonSchemaOf>,
  placeOf: (path: PropertyKey[]) => Place,
): Fault[] {
  const visit = (value: unknown, path: PropertyKey[]): Fault[] => {
    if (placeOf([key, ...path]).encrypted) {
      if (schemaAt(schema, path)?.writeOnly) return [];
      const next = "write it in plain text; only settings that are never shown can be secret";
      return [{ path: [key, ...path], found: "a secret value", want: "a plain one", next }];
    }
    if (value === null || typeof value !== "object") return [];
    return Object.entries(value).flatMap(([name, inner]) =>
      visit(inner, [...path, Array.isArray(value) ? Number(name) : name]),
    );
  };
  return visit(raw, []);
}

function render(source: Source, faults: Fault[], placeOf: (path: PropertyKey[]) => Place): string {
  const lines = faults
    .map((fault) => ({ file: source.fileName, line: placeOf(fault.path).line, ...fault }))
    .sort((a, b) => a.line - b.line)
    .map(
      (fault) =>
        `  ${fault.file}:${fault.line}: ${pathText(fault.path)}: ${fault.found}, want ${fault.want}; ${fault.next}`,
    );
  const count = faults.length === 1 ? "1 fault" : `${faults.length} faults`;
  return [`settings "${source.stack}": ${count}, want none; correct ${source.fileName}`, ...lines].join("\n");
}

function pathText(path: PropertyKey[]): string {
  return path
    .map((step, index) =>
      typeof step === "number" ? `[${step}]` : index === 0 ? String(step) : `.${String(step)}`,
    )
    .join("");
}

function frozen<T>(value: T): T {
  if (value === null || typeof value !== "object" || pulumi.Output.isInstance(value)) return value;
  for (const inner of Object.values(value)) frozen(inner);
  return Object.freeze(value);
}
