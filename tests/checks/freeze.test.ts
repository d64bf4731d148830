// Freeze windows by themselves; what they do to a gate is in sign-off.test.ts.
import { describe, expect, it } from "vitest";
import { activeFreezes, type Freeze, freeze } from "../../checks/sign-off/freeze.ts";

describe("a freeze window", () => {
  const window: Freeze = {
    name: "year end",
    from: "2026-12-18T18:00",
    until: "2027-01-04T08:00",
    timeZone: "America/La_Paz",
    overrideRoles: ["Tech Lead"],
  };

  it.each([
    ["2026-12-18T21:59:00Z", false],
    ["2026-12-18T22:00:00Z", true],
    ["2027-01-04T11:59:00Z", true],
    ["2027-01-04T12:00:00Z", false],
  ])("by the clock of its zone at %s: %s", (now, frozen) => {
    expect(activeFreezes([window], new Date(now)).length === 1).toBe(frozen);
  });

  it.each([
    ["that ends before it begins", "2026-12-20T18:00", "2026-01-06T08:00"],
    ["of a day that there is not", "2026-02-30T18:00", "2026-03-06T08:00"],
    ["with month and day the wrong way round", "2026-31-12T00:00", "2027-01-06T08:00"],
  ])("%s is refused", (_what, from, until) => {
    const given = { name: "year end", from, until, timeZone: "Europe/Berlin" };
    expect(freeze().safeParse(given).success).toBe(false);
    expect(
      freeze().safeParse({ ...given, from: "2025-12-20T18:00", until: "2026-01-06T08:00" }).success,
    ).toBe(true);
  });
});
