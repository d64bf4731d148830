import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { officialVersion } from "../../greenlight/engine.ts";

it("takes a pulumi that this user may not run for none, as the shell and doctor do", () => {
  const folder = mkdtempSync(join(tmpdir(), "greenlight-path-"));
  onTestFinished(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });
  writeFileSync(join(folder, "pulumi"), "", { mode: 0o600 });
  vi.stubEnv("PATH", [folder, join(folder, "nowhere")].join(delimiter));
  expect(officialVersion()).toBeUndefined();
});
