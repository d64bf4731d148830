import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSnapshot, packSnapshot, takeSnapshot } from "../../../checks/record/snapshot.ts";
import { writeFiles } from "../../../greenlight/rollback/project.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "snapshot-"));
  for (const [path, text] of Object.entries({
    "system/Pulumi.yaml": "name: orders",
    "system/run.sh": "#!/bin/sh",
    "system/.env": "SECRET=1",
    "system/node_modules/x/index.js": "",
    "parts/log.ts": "export {}",
  })) {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  chmodSync(join(root, "system/run.sh"), 0o755);
  symlinkSync("/etc/passwd", join(root, "system/link"));
});
afterEach(() => rmSync(root, { recursive: true }));

describe("a project that is kept", () => {
  const taken = () => takeSnapshot(root, join(root, "system"), [join(root, "parts")]);

  it("holds its files and those of the release, without packages, hidden files and links out of the program's folder", () => {
    expect(Object.keys(taken().files)).toEqual(["system/Pulumi.yaml", "system/run.sh", "parts/log.ts"]);
    expect(taken().project).toBe("system");
  });

  it("holds what links in the program's folder lead to, since the release has it, and no hidden or missing file", () => {
    for (const [link, to] of [
      ["system/shared.ts", "../parts/log.ts"],
      ["system/site", "../parts"],
      ["system/again", "../system"],
      ["system/secret", ".env"],
      ["system/packages", "node_modules"],
      ["system/gone", "nowhere"],
    ] as const)
      symlinkSync(to, join(root, link));
    const { files } = taken();
    expect(Object.keys(files)).toEqual([
      "system/Pulumi.yaml",
      "system/run.sh",
      "system/shared.ts",
      "system/site/log.ts",
      "parts/log.ts",
    ]);
    expect(files["system/site/log.ts"]).toEqual(files["parts/log.ts"]);
  });

  it("comes back byte for byte, with what is executable", async () => {
    const { bytes, sha256 } = await packSnapshot(taken());
    const folder = join(root, "back");
    await writeFiles(folder, await openSnapshot(bytes, sha256));
    expect(readFileSync(join(folder, "system/Pulumi.yaml"), "utf8")).toBe("name: orders");
    expect(statSync(join(folder, "system/run.sh")).mode & 0o100).toBe(0o100);
  });

  it("has the same digest for the same content, and refuses to be another", async () => {
    const { bytes, sha256 } = await packSnapshot(taken());
    expect((await packSnapshot(taken())).sha256).toBe(sha256);
    await expect(openSnapshot(bytes, "0".repeat(64))).rejects.toThrow("it is not what was deployed");
  });

  it("takes nothing from outside the program's folder and writes nothing outside its own", async () => {
    expect(() => takeSnapshot(join(root, "system"), join(root, "system"), [join(root, "parts")])).toThrow(
      "lies outside",
    );
    const files = { "../escaped": { base64: "", executable: false } };
    await expect(writeFiles(join(root, "back"), { version: 1, project: ".", files })).rejects.toThrow(
      "leads out of its folder",
    );
  });
});
