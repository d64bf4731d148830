import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { defaultProviderGoal } from "../../../local/engine/core/default-providers.ts";
import { durationSeconds } from "../../../local/engine/core/resource-options.ts";
import { Targets, unknownTarget } from "../../../local/engine/core/targets.ts";
import { makeSecret } from "../../../local/engine/core/values.ts";
import { urnNamed } from "./state.ts";

describe("custom timeouts", () => {
  it.each([
    ["5m", 300],
    ["1h30s", 3630],
    ["1.5h", 5400],
    ["250ms", 0.25],
    ["0", 0],
  ])("%s is %d seconds", (text, seconds) => {
    expect(durationSeconds(text)).toBe(seconds);
  });

  it.each(["", "5", "5 m", "m", "5d", "1h-5m"])("%j is refused", (text) => {
    expect(() => durationSeconds(text)).toThrow("unable to parse customTimeout");
  });
});

describe("targets", () => {
  it("name exact urns, one part with *, anything with **", () => {
    const targets = new Targets([urnNamed("a"), "urn:pulumi:*::*::x:y:Z::b*", "**::end"]);
    expect(targets.names(urnNamed("a"))).toBe(true);
    expect(targets.names(urnNamed("ab"))).toBe(false);
    expect(targets.names(urnNamed("b-1", "x:y:Z"))).toBe(true);
    expect(targets.names(urnNamed("b::1", "x:y:Z"))).toBe(false);
    expect(targets.names(urnNamed("end"))).toBe(true);
  });

  it("are everything when none is given", () => {
    fc.assert(
      fc.property(fc.string(), (urn) => {
        expect(new Targets([]).includes(urn)).toBe(true);
        expect(new Targets([]).names(urn)).toBe(false);
      }),
    );
  });

  it("that do not exist are named, patterns left out", () => {
    const targets = new Targets(["urn:a", "urn:b", "**nothing**"]);
    expect(targets.unknown((urn) => urn === "urn:a")).toEqual(["urn:b"]);
    expect(unknownTarget("urn:b")).toContain("Did you forget to escape $");
    expect(unknownTarget("urn:x$y")).not.toContain("escape");
  });
});

describe("default provider", () => {
  const config = new Map([
    ["aws:region", { value: "north", secret: false }],
    ["aws:token", { value: "t", secret: true }],
    ["app:size", { value: "3", secret: false }],
  ]);

  it("is named after version and address and configured from its own namespace", () => {
    const goal = defaultProviderGoal({ pkg: "aws", version: "7.48.0", downloadUrl: "" }, config);
    expect(goal).toMatchObject({
      type: "pulumi:providers:aws",
      name: "default_7_48_0",
      properties: { region: "north", token: makeSecret("t"), version: "7.48.0", __internal: {} },
    });
  });

  it("of dynamic resources gets the whole configuration", () => {
    const goal = defaultProviderGoal({ pkg: "pulumi-nodejs", version: "", downloadUrl: "" }, config);
    expect(goal.name).toBe("default");
    expect(goal.properties).toEqual({ "aws:region": "north", "aws:token": makeSecret("t"), "app:size": "3" });
  });
});
