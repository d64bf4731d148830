// Compiles TypeScript as Node does when it starts: each file without its types, then read by the engine. Ends with 1 where one
// cannot be. Arguments: folders. Prints how many there are and the digest of all that was made.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { SourceTextModule } from "node:vm";

const files = process.argv
  .slice(2)
  .flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)),
  )
  .filter((name) => name.endsWith(".ts"))
  .sort();
const digest = createHash("sha256");
const faults: string[] = [];
for (const file of files) {
  try {
    const made = stripTypeScriptTypes(readFileSync(file, "utf8"), { mode: "strip" });
    new SourceTextModule(made, { identifier: file });
    digest.update(made);
  } catch (error) {
    faults.push(`${file}: ${error instanceof Error ? error.message : error}`);
  }
}
for (const fault of faults) console.log(fault);
const made = `${files.length - faults.length} of ${files.length} files built, sha256 ${digest.digest("hex")}`;
console.log(made);
process.exitCode = faults.length === 0 && files.length > 0 ? 0 : 1;
