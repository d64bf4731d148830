// How command lines are split, as the official command splits them.
import { describe, expect, it } from "vitest";
import { parseFlags } from "../../../local/engine/command/flags.ts";
import { changeFlags, operationFlags } from "../../../local/engine/command/operation-flags.ts";

const table = { ...operationFlags, ...changeFlags };
const parse = (...args: string[]) => parseFlags(args, table, []);

describe("command lines", () => {
  it.each([
    [["-yf"], { yes: "true", "skip-preview": "true" }],
    [["-fyd"], { yes: "true", "skip-preview": "true", debug: "true" }],
    [["-ysdev"], { yes: "true", stack: "dev" }],
    [["-ys", "dev"], { yes: "true", stack: "dev" }],
    [["-y=false"], { yes: "false" }],
    [["-m", "-yf"], { message: "-yf" }],
    [["-sdev"], { stack: "dev" }],
  ])("%j are flags of one letter, one after the other", (args, wanted) => {
    const { flags } = parse(...args);

    expect(Object.fromEntries(flags.names.map((name) => [name, flags.text(name)]))).toEqual(wanted);
  });

  it("keeps commas in values, of which each has its own flag", () => {
    const { flags } = parse("-c", "origins=https://a,https://b", "--config=level=1", "-t", "urn::a,b");

    expect(flags.list("config")).toEqual(["origins=https://a,https://b", "level=1"]);
    expect(flags.list("target")).toEqual(["urn::a,b"]);
  });

  it("names a letter that is none", () => {
    expect(() => parse("-yq")).toThrow("unknown shorthand flag: 'q' in -q");
  });
});
