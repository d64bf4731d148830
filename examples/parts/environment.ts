// Reads environment.yaml and says what is wrong with a set of variables. Knows forms, not whether a value works.
import { readFile } from "node:fs/promises";
import { Cron } from "croner";
import { parse } from "yaml";
import { z } from "zod";

const rule = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("enum"), values: z.array(z.string()).min(1) }),
  z.strictObject({ kind: z.literal("integer"), min: z.int(), max: z.int() }),
  z.strictObject({ kind: z.literal("text"), minLength: z.int().min(1) }),
  z.strictObject({ kind: z.literal("regex"), pattern: z.string() }),
  z.strictObject({
    kind: z.enum(["bool", "bytes", "email", "host", "cron", "url", "https-url", "postgres-url", "redis-url"]),
  }),
]);

const variable = z.strictObject({
  name: z.string().regex(/^[A-Z][A-Z0-9_]*$/),
  required: z.union([z.literal(true), z.string().regex(/^[A-Z0-9_]+=\S+$/)]),
  secret: z.boolean(),
  source: z.enum(["settings", "generated", "infrastructure"]),
  output: z.string().optional(),
  unit: z.string().optional(),
  rule,
  example: z.string(),
  local: z.string().optional(),
});

type Rule = z.infer<typeof rule>;

/** One entry of environment.yaml. */
export type Variable = z.infer<typeof variable>;

/** The variables of a process by name. */
export type Variables = { readonly [name: string]: string | undefined };

/** @throws when the file is not what its header says. */
export async function readDefinitions(file: string | URL): Promise<Variable[]> {
  return z.strictObject({ variables: z.array(variable) }).parse(parse(await readFile(file, "utf8")))
    .variables;
}

/** One line for each fault; a secret's value is never in it. Empty when all is well. */
export function findFaults(definitions: readonly Variable[], variables: Variables): string[] {
  return definitions.flatMap((definition) => {
    const value = variables[definition.name];
    if (value === undefined || value === "") {
      return isRequired(definition, variables)
        ? [`variable "${definition.name}": not set; ${hint(definition)}`]
        : [];
    }
    const wanted = mismatch(definition.rule, value);
    if (!wanted) return [];
    const shown = definition.secret ? `a secret of ${value.length} characters` : JSON.stringify(value);
    return [`variable "${definition.name}": ${shown}, want ${wanted}; ${hint(definition)}`];
  });
}

function isRequired(definition: Variable, variables: Variables): boolean {
  if (definition.required === true) return true;
  const [name = "", value] = definition.required.split("=");
  return variables[name] === value;
}

function hint(definition: Variable): string {
  if (definition.source === "settings") return "correct it in the stack's settings";
  return `it is ${definition.source === "generated" ? "generated" : "an output of the infrastructure"}: run up again`;
}

/** What the rule wants, when the value is not that. */
function mismatch(wanted: Rule, value: string): string | undefined {
  switch (wanted.kind) {
    case "enum":
      return wanted.values.includes(value) ? undefined : `one of ${wanted.values.join(", ")}`;
    case "integer": {
      const inside = /^-?\d+$/.test(value) && Number(value) >= wanted.min && Number(value) <= wanted.max;
      return inside ? undefined : `a whole number from ${wanted.min} to ${wanted.max}`;
    }
    case "text":
      return value.length >= wanted.minLength ? undefined : `at least ${wanted.minLength} characters`;
    case "regex":
      return new RegExp(wanted.pattern).test(value) ? undefined : `text that matches ${wanted.pattern}`;
    case "bool":
      return value === "true" || value === "false" ? undefined : "true or false";
    case "bytes":
      return /^[1-9]\d*[kmg]$/.test(value) ? undefined : "a size such as 10m";
    case "email":
      return z.email().safeParse(value).success ? undefined : "a mail address";
    case "host":
      return /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(value) ? undefined : "a host name";
    case "cron":
      return isCron(value) ? undefined : "a cron expression of five fields";
    case "url":
      return URL.canParse(value) ? undefined : "a URL";
    case "https-url":
      return isEncrypted(value, "https:", "http:") ? undefined : "an https URL";
    case "redis-url":
      return isEncrypted(value, "rediss:", "redis:") ? undefined : "a rediss URL";
    case "postgres-url":
      return isEncryptedPostgres(value) ? undefined : "a postgresql URL with sslmode require or verify-full";
  }
}

function isCron(value: string): boolean {
  if (value.trim().split(/\s+/).length !== 5) return false;
  try {
    return new Cron(value, { paused: true }).nextRun() !== null;
  } catch {
    return false; // croner's only way of saying that it is not an expression
  }
}

/** Plain text is accepted to this machine only. */
function isEncrypted(value: string, protocol: string, plainProtocol: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  const loopback = ["127.0.0.1", "localhost", "[::1]"].includes(url.hostname);
  return url.hostname !== "" && (url.protocol === protocol || (loopback && url.protocol === plainProtocol));
}

function isEncryptedPostgres(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  const mode = url.searchParams.get("sslmode") ?? "";
  return (
    ["postgresql:", "postgres:"].includes(url.protocol) &&
    url.hostname !== "" &&
    ["require", "verify-ca", "verify-full"].includes(mode)
  );
}
