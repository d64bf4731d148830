// Writes what is derived from the settings' schemas: greenlight.schema.json and docs/settings.md. Run by `npm run settings`.
import { mkdir, writeFile } from "node:fs/promises";
import { settingsManual } from "./manual.ts";
import { stackFileSchema } from "./stack-file-schema.ts";

/** The derived files by path from the repository's root, with what they must contain. */
export function derivedFiles(): { [path: string]: string } {
  return {
    "greenlight.schema.json": `${JSON.stringify(stackFileSchema(), null, 2)}\n`,
    "docs/settings.md": settingsManual(),
  };
}

if (import.meta.main) {
  const root = new URL("../../", import.meta.url);
  await mkdir(new URL("docs/", root), { recursive: true });
  for (const [path, text] of Object.entries(derivedFiles())) await writeFile(new URL(path, root), text);
}
