import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { openConfigValue, type RawConfig } from "../../../local/engine/project/config.ts";
import { parseConfigKey, parseConfigPath } from "../../../local/engine/project/config-key.ts";
import { mergeProjectConfig } from "../../../local/engine/project/config-schema.ts";
import { readProjectFile } from "../../../local/engine/project/project-file.ts";
import { Failure } from "../../../local/engine/state/failure.ts";
import type { Value } from "../../../local/engine/types.ts";

describe("a configuration key", () => {
  it.each([
    ["size", "shop:size"],
    ["aws:region", "aws:region"],
    ["aws:config:region", "aws:region"],
  ])("%s is %s", (text, key) => expect(parseConfigKey(text, "shop")).toBe(key));

  it.each(["", ":", "a:", ":b", "a:b:c", "a:config:", "a:config:b:c"])("refuses %j", (text) => {
    expect(() => parseConfigKey(text, "shop")).toThrow("want NAME or NAMESPACE:NAME");
  });
});

describe("a configuration path", () => {
  it.each([
    ["tree", ["tree"]],
    ["tree.list[0]", ["tree", "list", 0]],
    ['tree["a.b"].c', ["tree", "a.b", "c"]],
    ['["a"][1][2]', ["a", 1, 2]],
  ])("%s is %j", (text, path) => expect(parseConfigPath(text)).toEqual(path));

  it.each([
    "",
    "[0]",
    "a.",
    ".a",
    "a[",
    "a[x]",
    'a["b]',
    "a..b",
    "a[99999999999999999999]",
  ])("refuses %j", (text) => {
    expect(() => parseConfigPath(text)).toThrow(Failure);
  });

  it("answers any text with a path or a refusal", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        let path: unknown[] = ["refused"];
        try {
          path = parseConfigPath(text);
        } catch (error) {
          expect(error).toBeInstanceOf(Failure);
        }
        expect(path.length).toBeGreaterThan(0);
      }),
    );
  });
});

describe("a configuration value", () => {
  const open = (ciphertext: string) => `opened ${ciphertext}`;

  it("reaches the program as text, objects as JSON with their secrets opened and keys sorted", () => {
    expect(openConfigValue("red", open)).toEqual({ value: "red", secret: false });
    expect(openConfigValue(3, open)).toEqual({ value: "3", secret: false });
    expect(openConfigValue({ secure: "x" }, open)).toEqual({ value: "opened x", secret: true });
    expect(openConfigValue({ b: [1, { secure: "x" }], a: true }, open)).toEqual({
      value: '{"a":true,"b":[1,"opened x"]}',
      secret: true,
      object: true,
      hidden: ["opened x"],
    });
  });
});

describe("the project's configuration", () => {
  const merge = (given: { [key: string]: Value }, schema: { [key: string]: Value }) =>
    Object.fromEntries(
      mergeProjectConfig(new Map(Object.entries(given)) as RawConfig, schema, "shop", "dev"),
    );

  it("gives defaults to what the stack leaves out, primitives as text", () => {
    const schema = {
      size: { type: "integer", default: 3 },
      zones: { type: "array", items: { type: "string" }, default: ["a"] },
      color: "red",
      "aws:region": { value: "north" },
    };
    expect(merge({ "shop:size": "9" }, schema)).toEqual({
      "aws:region": "north",
      "shop:color": "red",
      "shop:size": "9",
      "shop:zones": ["a"],
    });
  });

  it.each([
    [{}, { size: { type: "integer" }, name: {} }, "missing configuration values `size`, `name`"],
    [{ "shop:size": "many" }, { size: { type: "integer" } }, "must be of type 'integer'"],
    [{ "shop:size": 1.5 }, { size: { type: "integer" } }, "must be of type 'integer'"],
    [{ "shop:on": "yes" }, { on: { type: "boolean" } }, "must be of type 'boolean'"],
    [
      { "shop:zones": [1] },
      { zones: { type: "array", items: { type: "string" } } },
      "must be of type 'array<string>'",
    ],
    [{ "shop:tree": "x" }, { tree: { type: "object" } }, "must be of type 'object'"],
    [{ "shop:pass": "plain" }, { pass: { type: "string", secret: true } }, "must be encrypted"],
    [{}, { size: { default: 1, value: 2 } }, "has both default and value"],
    [{}, { "aws:region": { default: "x" } }, "want only value in another namespace"],
    [{}, { size: { type: "number" } }, "type must be one of"],
  ])("refuses %j under %j", (given, schema, message) => {
    expect(() => merge(given, schema)).toThrow(message);
  });

  it.each([
    ["-3", "integer"],
    [7, "integer"],
    ["true", "boolean"],
    [false, "boolean"],
    [{ secure: "v1:a:b" }, "integer"],
  ])("takes %j as %s", (value, type) => {
    expect(merge({ "shop:key": value }, { key: { type } })).toEqual({ "shop:key": value });
  });
});

describe("a project file", () => {
  it("has unquoted numbers and times read as the official command reads them", async () => {
    const folder = mkdtempSync(join(tmpdir(), "project-file-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, "Pulumi.yaml");
    const config = ["port: 017", "id: {default: 123456789012345678}", "aws:since: {value: 2026-03-01}"];
    writeFileSync(path, `name: shop\nruntime: nodejs\nconfig:\n  ${config.join("\n  ")}\n`);
    expect(readProjectFile(path).configSchema).toEqual({
      port: 15,
      id: { default: "123456789012345678" },
      "aws:since": { value: "2026-03-01T00:00:00Z" },
    });
  });
});
