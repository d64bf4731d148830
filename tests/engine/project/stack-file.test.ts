import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { StackFile } from "../../../local/engine/project/stack-file.ts";

const written = `# Production of the shop.
encryptionsalt: v1:abc:v1:def:ghi
config:
  # how many
  shop:size: "3" # a text
  shop:tree:
    list: [one, two]
    deep: {port: 5432}
other: kept
`;

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stack-file-"));
  path = join(folder, "Pulumi.dev.yaml");
  writeFileSync(path, written);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const text = () => readFileSync(path, "utf8");

describe("a stack file", () => {
  // What the official command answers for the same file.
  it.each([
    ["2026-03-01", "2026-03-01 00:00:00 +0000 UTC"],
    ["2026-05-04T10:00:00.500Z", "2026-05-04 10:00:00.5 +0000 UTC"],
    ["2026-12-18T18:00", "2026-12-18T18:00"],
    ['"2026-03-01"', "2026-03-01"],
    ["02:30", "02:30"],
    ["2026-3-1", "2026-03-01 00:00:00 +0000 UTC"],
    ["2026-03-01 10:00:00 +02:00", "2026-03-01 10:00:00 +02:00"],
    ["2026-02-31", "2026-02-31"],
    ["017", 15],
    ["1_000", 1000],
    ["0b101", 5],
    ["1e400", "1e400"],
    ["012345678901234567890", 12345678901234567000],
    ["123456789012345678", "123456789012345678"],
  ])("has %s read as the official command reads it", async (given, read) => {
    writeFileSync(path, `config:\n  shop:at: ${given} # when\n`);
    const file = await StackFile.read(path);
    expect(file.config).toEqual({ "shop:at": read });
    await file.write();
    expect(text()).toContain(`shop:at: ${given} # when`);
  });

  it("keeps comments, order and unknown keys when values are set and removed", async () => {
    const file = await StackFile.read(path);
    file.set(["shop:size"], "4");
    file.set(["shop:tree", "list", 2], "three");
    file.set(["shop:new", "a", "b"], true);
    await file.write();

    expect(text()).toContain("# Production of the shop.");
    expect(text()).toContain('shop:size: "4" # a text');
    expect(text()).toMatch(/^other: kept$/m);
    const again = await StackFile.read(path);
    expect(again.config).toEqual({
      "shop:size": "4",
      "shop:tree": { list: ["one", "two", "three"], deep: { port: 5432 } },
      "shop:new": { a: { b: true } },
    });
    again.remove(["shop:new"]);
    again.remove(["shop:tree", "list", 2]);
    file.set(["shop:size"], "3");
    expect(again.remove(["shop:absent"])).toBe(false);
  });

  it("merges what a mapping takes over from another", async () => {
    writeFileSync(path, "config:\n  shop:base: &base {a: 1}\n  shop:tree:\n    <<: *base\n    b: 2\n");
    expect((await StackFile.read(path)).config["shop:tree"]).toEqual({ a: 1, b: 2 });
  });

  it.each([
    "2026-03-01",
    "1_000",
    "0b101",
    "017",
    "-0x1F",
  ])("quotes the text %s, which the official command would read as something else", async (given) => {
    const file = await StackFile.read(path);
    file.set(["shop:new"], given);
    file.set(["shop:tree", "list", 0], given);
    await file.write();
    expect(text()).toContain(`shop:new: "${given}"`);
    expect((await StackFile.read(path)).config).toMatchObject({
      "shop:new": given,
      "shop:tree": { list: [given, "two"] },
    });
  });

  it("leaves numbers as they stand when another value is set", async () => {
    const lines = ["id: 123456789012345678", "account: 012345670123", "rate: 1e3", "mask: 0x1F", "tax: 1.50"];
    writeFileSync(path, `config:\n  ${lines.join("\n  ")}\n`);
    const file = await StackFile.read(path);
    file.set(["shop:new"], "x");
    await file.write();
    for (const line of lines) expect(text().split("\n")).toContain(`  ${line}`);
  });

  it("writes any text so that it is read back as the same text", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.string({ unit: "binary" }), async (first, second) => {
        const file = await StackFile.read(path);
        file.set(["shop:first"], first);
        file.set(["shop:tree", "second"], second);
        await file.write();
        const { config } = await StackFile.read(path);
        expect(config["shop:first"]).toBe(first);
        expect(config["shop:tree"]).toMatchObject({ second });
      }),
      { numRuns: 150 },
    );
  });

  it("puts a salt first and keeps what stands above the first key", async () => {
    writeFileSync(path, "# note\nconfig:\n  shop:a: b\n");
    const file = await StackFile.read(path);
    file.setSalt("v1:x:v1:y:z");
    await file.write();

    expect((await StackFile.read(path)).salt).toBe("v1:x:v1:y:z");
    expect(text()).toContain("# note");
  });

  it.each([
    [["shop:size", "x"], 'configuration "shop:size": is not an object; remove it first'],
    [["shop:tree", "list", "x"], 'configuration "shop:tree.list": is not an object; remove it first'],
    [["shop:tree", "list", 3], 'configuration "shop:tree.list": index 3 is out of range, want at most 2'],
    [["shop:fresh", 1], 'configuration "shop:fresh": index 1 is out of range, want at most 0'],
    [["shop:tree", 0], 'configuration "shop:tree": is not a list; remove it first'],
  ])("refuses to set %j and stays as it is", async (place, message) => {
    const file = await StackFile.read(path);

    expect(() => file.set(place, "value")).toThrow(message);
    expect(text()).toBe(written);
  });

  it.each([
    ["- a list\n", "not a mapping"],
    ["config: [1]\n", "config is not a mapping"],
    ["a: b: c\n", "stack file"],
    [
      "secretsprovider: awskms://alias/x?region=us-east-1\n",
      'secrets provider "awskms": not supported by the embedded engine',
    ],
    ["environment: [shared]\n", "environment: not supported by the embedded engine"],
  ])("refuses %j", async (content, message) => {
    writeFileSync(path, content);

    await expect(StackFile.read(path).then((file) => file.config)).rejects.toThrow(message);
  });
});
