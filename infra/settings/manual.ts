// docs/settings.md: every setting with what it may be, its default and an example, written from the schemas.
import { stringify } from "yaml";
import { allowedAt, type JsonSchema, jsonSchemaOf } from "./json-schema.ts";
import { REQUIRED, type SectionName, sections } from "./sections.ts";

/** The whole page as Markdown. */
export function settingsManual(): string {
  const parts = Object.entries(sections()).map(([name, schema]) =>
    sectionOf(name as SectionName, jsonSchemaOf(schema)),
  );
  return `${INTRODUCTION}\n${parts.join("\n")}`;
}

const INTRODUCTION = `# Settings

Written by \`npm run settings\` from the schemas in infra/settings; do not edit.

A stack is described by its file \`Pulumi.<stack>.yaml\`, one key a section. Everything but \`greenlight:system\` is optional: a
part exists, and a step runs, only if its section is there. Unknown sections and settings are refused, and all faults of a
file are reported together, each with its line.

- \`\${NAME}\` in a value stands for an environment variable, \`\${NAME:-text}\` for it or else the text, \`\${NAME.host}\` for one part
  of an address (host, port, user, password), \`$\${\` for a literal \`\${\`.
- A secret is written with \`pulumi config set --path --secret greenlight:application.secrets.API_KEY\`. Only settings marked
  "secret" below can be secret; they are never shown.
- Paths start at the folder of the project's Pulumi.yaml.
- \`aws:region\` is Pulumi's own key and always needed.
`;

function sectionOf(name: SectionName, schema: JsonSchema): string {
  const rows = rowsOf(schema, "");
  const table = [
    "| Setting | Value | Default | Meaning |",
    "|---|---|---|---|",
    ...rows.map((row) => `| ${row.map(cell).join(" | ")} |`),
  ];
  return [
    `## greenlight:${name}`,
    "",
    `${schema.description ?? ""}${REQUIRED.includes(name) ? " Every stack has it." : ""}`,
    "",
    ...table,
    "",
    "```yaml",
    // Quoted as readers of YAML 1.1 need it, which Pulumi has.
    stringify({ [`greenlight:${name}`]: exampleOf(schema) }, { version: "1.1" }).trimEnd(),
    "```",
    "",
  ].join("\n");
}

function rowsOf(schema: JsonSchema, prefix: string, required = schema.required ?? []): string[][] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, setting]) => {
    const path = `${prefix}${name}`;
    const missing = setting.default === undefined ? "" : `\`${JSON.stringify(setting.default)}\``;
    const row = [
      `\`${path}\``,
      `${allowedAt(setting, "JSON")}${setting.writeOnly ? " (secret)" : ""}`,
      required.includes(name) ? "needed" : missing,
      setting.description ?? "",
    ];
    return [row, ...inner(setting, path)];
  });
}

/** Settings within a setting: of an object, of a list's items, of a table's values. */
function inner(setting: JsonSchema, path: string): string[][] {
  if (setting.properties) return rowsOf(setting, `${path}.`);
  if (setting.items?.properties) return rowsOf(setting.items, `${path}[].`);
  const values = setting.additionalProperties;
  return typeof values === "object" && values.properties ? rowsOf(values, `${path}.NAME.`) : [];
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}

/** The section's own example, which a test parses. */
function exampleOf(schema: JsonSchema): unknown {
  return schema.examples?.[0] ?? {};
}
