// The stack file of a rollback: both engines must read from it what was written.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { editYaml } from "../../../greenlight/rollback/project.ts";

it("has new times in quotes, since the Pulumi CLI changes bare ones, and keeps what was there", async () => {
  const folder = mkdtempSync(join(tmpdir(), "greenlight-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "Pulumi.production.yaml");
  writeFileSync(file, "# kept\nconfig:\n  greenlight:release: {version: 2.0.0} # today's\n");
  await editYaml(file, [
    [["config", "greenlight:release", "version"], "1.0.0"],
    [["config", "greenlight:record", "commit"], "abc"],
    [["config", "greenlight:undo"], { startedAt: "2026-05-04T10:00:00.000Z", limitSeconds: 60 }],
  ]);
  expect(readFileSync(file, "utf8")).toBe(
    `# kept
config:
  greenlight:release: { version: 1.0.0 } # today's
  greenlight:undo:
    startedAt: "2026-05-04T10:00:00.000Z"
    limitSeconds: 60
`,
  );
});
