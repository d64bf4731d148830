// The stack file of a rollback: both engines must read from it what was written.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { editYaml } from "../../../greenlight/rollback/project.ts";
import { sectionOf } from "../../../greenlight/stack-file.ts";
import { folderOf } from "../../support/folder.ts";

it.each([
  "production",
  "organization/orders/production",
])("of %s is read from the folder that Pulumi.yaml names", (stack) => {
  const directory = folderOf({
    "Pulumi.yaml": "name: orders\nruntime: nodejs\nstackConfigDir: stacks\n",
    "stacks/Pulumi.production.yaml": "config:\n  greenlight:rollback: {automatic: true}\n",
  });
  const file = { directory, stack, environment: {} };
  expect(sectionOf(file, "rollback", z.object({ automatic: z.boolean() }))).toEqual({ automatic: true });
});

it("takes values into a section that is empty, or another one's alias, and leaves the other one as it is", async () => {
  const file = join(
    folderOf({ "Pulumi.production.yaml": "config:\n  a: &a {version: 2.0.0}\n  b: *a\n  c:\n" }),
    "Pulumi.production.yaml",
  );
  await editYaml(file, [
    [["config", "b", "version"], "1.0.0"],
    [["config", "c", "commit"], "abc"],
    [["config", "d", "commit"], "abc"],
  ]);
  expect(parse(readFileSync(file, "utf8"))).toEqual({
    config: { a: { version: "2.0.0" }, b: { version: "1.0.0" }, c: { commit: "abc" } },
  });
});

it("has new times in quotes, since the Pulumi CLI changes bare ones, and keeps what was there", async () => {
  const file = join(folderOf({}), "Pulumi.production.yaml");
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
