// The rules file of an application's variables, and what is wrong with a set of variables. Knows forms, not whether a value
// works. A secret's value is in no message.
//
//     variables:
//       - { name: SMTP_PORT, required: true, secret: false, source: settings, rule: { kind: integer, min: 1, max: 65535 } }
//       - { name: SENDGRID_API_KEY, required: EMAIL_PROVIDER=sendgrid, secret: true, source: settings, rule: { kind: text, minLength: 16 } }
import { readFile } from "node:fs/promises";
import { Cron } from "croner";
import { parseDocument } from "yaml";
import { z } from "zod";
import { isPattern } from "../pattern.ts";
import { type Observation, observe } from "../step/definition.ts";
import { namedList } from "../step/named-list.ts";

const rule = () =>
  z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("enum"), values: z.array(z.string()).min(1) }),
    z.strictObject({ kind: z.literal("integer"), min: z.int(), max: z.int() }),
    z.strictObject({ kind: z.literal("text"), minLength: z.int().min(1) }),
    z.strictObject({
      kind: z.literal("regex"),
      pattern: z.string().refine(isPattern, "must be a regular expression"),
    }),
    z.strictObject({
      kind: z.enum([
        "bool",
        "bytes",
        "email",
        "host",
        "cron",
        "url",
        "https-url",
        "postgres-url",
        "redis-url",
      ]),
    }),
  ]);
type Rule = z.output<ReturnType<typeof rule>>;

const rulesFile = () =>
  z.strictObject({
    variables: namedList(
      z.strictObject({
        name: z.string().regex(/^[A-Z][A-Z0-9_]*$/),
        /** Always, or when another variable has a value: `EMAIL_PROVIDER=ses`. */
        required: z.union([z.literal(true), z.string().regex(/^[A-Z0-9_]+=\S+$/)]),
        secret: z.boolean(),
        source: z.enum(["settings", "generated", "infrastructure"]),
        output: z.string().optional(),
        unit: z.string().optional(),
        rule: rule(),
        example: z.string().optional(),
        local: z.string().optional(),
      }),
    ),
  });
export type VariableRule = z.output<ReturnType<typeof rulesFile>>["variables"][number];

/** @throws with every fault of the file */
export async function readVariableRules(path: string): Promise<VariableRule[]> {
  const document = parseDocument(await readFile(path, "utf8"));
  const [broken] = document.errors;
  if (broken)
    throw new Error(`variable rules "${path}": ${broken.message.split(":\n")[0]}; correct the file`);
  const parsed = rulesFile().safeParse(document.toJS());
  if (parsed.success) return parsed.data.variables;
  const faults = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new Error(`variable rules "${path}": ${faults.join("; ")}; correct the file`);
}

/** Observation `environment` with the counts, and `variable-<name>` for each that is set or has to be. */
export function judgeVariables(
  rules: VariableRule[],
  environment: { [name: string]: string },
): Observation[] {
  const each = rules.flatMap((wanted) => judgeVariable(wanted, environment));
  const faulty = each.filter(({ result }) => result !== "passed");
  const present = rules.filter(({ name }) => environment[name]);
  const required = rules.filter((wanted) => isRequired(wanted, environment));
  const summary = observe(
    "environment",
    faulty.length === 0 && rules.length > 0,
    `${required.length} required variables set, all ${rules.length} known ones well formed`,
    faulty.length === 0
      ? `${present.length} of ${rules.length} set; all well formed: ${shownVariables(present, environment)}`
      : `${present.length} of ${rules.length} set; faulty: ${faulty.map(({ id }) => id).join(", ")}`,
  );
  return [summary, ...each];
}

/** `NODE_ENV=production, PORT=3000; secret: JWT_SECRET`: names, and the values that are no secrets. */
function shownVariables(present: VariableRule[], environment: { [name: string]: string }): string {
  const plain = present.filter(({ secret }) => !secret).map(({ name }) => `${name}=${environment[name]}`);
  const secret = present.filter((one) => one.secret).map(({ name }) => name);
  return [plain.join(", "), ...(secret.length > 0 ? [`secret: ${secret.join(", ")}`] : [])].join("; ");
}

function judgeVariable(wanted: VariableRule, environment: { [name: string]: string }): Observation[] {
  const id = `variable-${wanted.name.toLowerCase().replaceAll("_", "-")}`;
  const value = environment[wanted.name];
  const form = formOf(wanted.rule) + (wanted.unit ? `, in ${wanted.unit}` : "");
  if (value === undefined || value === "")
    return isRequired(wanted, environment) ? [observe(id, false, `${wanted.name}: ${form}`, "not set")] : [];
  const fitting = fits(wanted.rule, value);
  if (!wanted.secret) return [observe(id, fitting, `${wanted.name}: ${form}`, JSON.stringify(value))];
  const shown = fitting ? "a secret that has the form" : `a secret of ${value.length} characters`;
  return [observe(id, fitting, `${wanted.name}: ${form}`, shown)];
}

function isRequired({ required }: VariableRule, environment: { [name: string]: string }): boolean {
  if (required === true) return true;
  const at = required.indexOf("=");
  return environment[required.slice(0, at)] === required.slice(at + 1);
}

const FORMS: { [kind: string]: { form: string; fits(value: string): boolean } } = {
  bool: { form: "true or false", fits: (value) => value === "true" || value === "false" },
  bytes: { form: "a size such as 10m", fits: (value) => /^[1-9]\d*[kmg]$/.test(value) },
  email: { form: "a mail address", fits: (value) => z.email().safeParse(value).success },
  host: { form: "a host name", fits: (value) => /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(value) },
  cron: { form: "a cron expression of five fields", fits: isCron },
  url: { form: "a URL", fits: (value) => URL.canParse(value) },
  "https-url": { form: "an https URL", fits: (value) => isEncrypted(value, "https:", "http:") },
  "redis-url": { form: "a rediss URL", fits: (value) => isEncrypted(value, "rediss:", "redis:") },
  "postgres-url": {
    form: "a postgresql URL with sslmode require, verify-ca or verify-full",
    fits: isEncryptedPostgres,
  },
};

function formOf(wanted: Rule): string {
  switch (wanted.kind) {
    case "enum":
      return `one of ${wanted.values.join(", ")}`;
    case "integer":
      return `a whole number from ${wanted.min} to ${wanted.max}`;
    case "text":
      return `at least ${wanted.minLength} characters`;
    case "regex":
      return `text that matches ${wanted.pattern}`;
    default:
      return FORMS[wanted.kind]?.form ?? wanted.kind;
  }
}

function fits(wanted: Rule, value: string): boolean {
  switch (wanted.kind) {
    case "enum":
      return wanted.values.includes(value);
    case "integer":
      return /^-?\d+$/.test(value) && Number(value) >= wanted.min && Number(value) <= wanted.max;
    case "text":
      return value.length >= wanted.minLength;
    case "regex":
      return new RegExp(wanted.pattern).test(value);
    default:
      return FORMS[wanted.kind]?.fits(value) ?? false;
  }
}

function isCron(value: string): boolean {
  if (value.trim().split(/\s+/).length !== 5) return false;
  try {
    return new Cron(value, { paused: true }).nextRun() !== null;
  } catch {
    return false; // the only way in which croner says that it is no expression
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
  return (
    /^postgres(ql)?:$/.test(url.protocol) &&
    url.hostname !== "" &&
    ["require", "verify-ca", "verify-full"].includes(url.searchParams.get("sslmode") ?? "")
  );
}
