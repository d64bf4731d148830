import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { projectFolder } from "../../greenlight/project-folder.ts";
import { startCommand } from "./support/command.ts";

const folder = mkdtempSync(join(tmpdir(), "greenlight-project-"));
const project = join(folder, "orders");
mkdirSync(join(project, "smoke", "journeys"), { recursive: true });
writeFileSync(join(project, "Pulumi.yaml"), "name: orders\nruntime: nodejs\n");
afterAll(() => rmSync(folder, { recursive: true }));

describe("the folder of a project", () => {
  it.each([".", "smoke", "smoke/journeys"])("is found from %s", (from) => {
    expect(projectFolder(join(project, from))).toBe(project);
  });

  it("is not looked for above a folder that is not there, or a file", () => {
    const slip = join(project, "smok");
    expect(() => projectFolder(slip)).toThrow(
      `folder "${slip}": is not there, want the folder of a Pulumi.yaml`,
    );
    expect(() => projectFolder(join(project, "Pulumi.yaml"))).toThrow("is not there");
  });

  it("is missed where nothing is above", () => {
    expect(() => projectFolder(folder)).toThrow(
      `folder "${folder}": no Pulumi.yaml in it or above it, want one`,
    );
  });

  it.each([
    ["up", "--yes"],
    ["rollback", "--preview"],
    ["report"],
    ["watch"],
    ["record"],
  ])("is what %s asks for before anything else", async (...command) => {
    const { text } = await startCommand([...command, "--stack", "orders", "-C", "nowhere"]).ended;
    expect(text).toContain('folder "nowhere": is not there, want the folder of a Pulumi.yaml; correct --cwd');
  });
});
