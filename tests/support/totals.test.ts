import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { folderOf } from "./folder.ts";

const VITEST = fileURLToPath(new URL("../../node_modules/vitest/vitest.mjs", import.meta.url));
const TOTALS = fileURLToPath(new URL("./totals.ts", import.meta.url));

it("counts what passed, failed and was skipped, and what failed outside a test as failed", () => {
  const root = folderOf({
    "vitest.config.ts": `
      import { totals } from ${JSON.stringify(TOTALS)};
      export default { test: { globals: true, reporters: ["default", totals] } };`,
    "some.test.ts": `
      it("passes", () => {});
      it("passes, too", () => {});
      it("fails", () => { throw new Error("wrong"); });
      it.skip("is skipped", () => {});
      it.todo("is to be written");`,
    "no-file.test.ts": `import "./missing.ts"; it("is never reached", () => {});`,
    "hook.test.ts": `beforeAll(() => { throw new Error("no start"); }); it("is never run", () => {});`,
  });
  const run = spawnSync(process.execPath, [VITEST, "run", "--root", root], { encoding: "utf8" });
  expect(run.stdout.trimEnd().split("\n").at(-1)).toBe("2 passed, 3 failed, 3 skipped");
  expect(run.status).toBe(1);
});
