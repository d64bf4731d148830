// A process of the SDK's that waits for its arguments: a real one, started as the engine starts it.
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";

const require = createRequire(import.meta.url);
const inSdk = (file: string) => join(import.meta.dirname, "../../../local/engine/sdk", file);

it("has loaded the modules that it was given before it knows its arguments, also those that the preload puts off", async () => {
  const folder = await mkdtemp(join(tmpdir(), "greenlight-hold-"));
  try {
    // Runs after the order in the script's place.
    const report = join(folder, "report.cjs");
    await writeFile(
      report,
      `const loaded = Object.keys(require.cache).some((file) => /typescript.lib.typescript\\.js$/.test(file));
      console.log(JSON.stringify({ loaded, args: process.argv.slice(2), given: process.env.GIVEN }));
      process.exit();`,
    );
    const script = require.resolve("@pulumi/pulumi/cmd/run");
    const preloads = [inSdk("preload.ts"), inSdk("hold.ts"), report].map((file) => `--require=${file}`);
    const args = [
      "--disable-warning=ExperimentalWarning",
      ...preloads,
      script,
      "no-such-module",
      "typescript",
    ];
    const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit", "pipe"] });
    const { stdout } = child;
    const order = child.stdio[3];
    if (!stdout || !order || !("write" in order)) throw new Error("child process: no pipes to it");
    order.end(JSON.stringify({ args: ["--stack", "dev"], environment: { GIVEN: "yes" } }));
    expect(JSON.parse(await text(stdout))).toEqual({ loaded: true, args: ["--stack", "dev"], given: "yes" });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
