// The random provider: values are made once, keep what was asked of them, and change only by replacement.

import { compare } from "bcryptjs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomCharacters } from "../../local/providers/random/characters.ts";
import { conforms } from "./support/conformance.ts";
import { configured, Deployment } from "./support/providers.ts";

const keepers = { release: "1" };
const changed = { keepers: { release: "2" } };

conforms("random", [
  {
    type: "random:index/randomPassword:RandomPassword",
    program: () => ({ length: 24, minSpecial: 2, overrideSpecial: "-_", keepers }),
    replace: { ...changed, length: 25, special: false, minUpper: 3, overrideSpecial: "!" },
    remains: "it is in the state only",
  },
  {
    type: "random:index/randomString:RandomString",
    program: () => ({ length: 8, upper: false, special: false, keepers }),
    replace: { ...changed, length: 9, upper: true },
    remains: "it is in the state only",
  },
  {
    type: "random:index/randomId:RandomId",
    program: () => ({ byteLength: 6, prefix: "site-", keepers }),
    replace: { ...changed, byteLength: 7, prefix: "shop-" },
    remains: "it is in the state only",
  },
  {
    type: "random:index/randomUuid:RandomUuid",
    program: () => ({ keepers }),
    replace: changed,
    remains: "it is in the state only",
  },
  {
    type: "random:index/randomBytes:RandomBytes",
    program: () => ({ length: 16, keepers }),
    replace: { ...changed, length: 32 },
    remains: "it is in the state only",
  },
]);

describe("values", () => {
  it("of a password come with the bcrypt hash of that password", async () => {
    const deployment = new Deployment(await configured("random"));
    const { outs } = await deployment.create("random:index/randomPassword:RandomPassword", "p", {
      length: 80,
    });
    const { result, bcryptHash } = outs;
    expect(String(result)).toHaveLength(80);
    expect(await compare(String(result).slice(0, 72), String(bcryptHash))).toBe(true);
  });

  it("of an id are the same bytes in every notation", async () => {
    const deployment = new Deployment(await configured("random"));
    const { id, outs } = await deployment.create("random:index/randomId:RandomId", "i", { byteLength: 5 });
    const bytes = Buffer.from(id, "base64url");
    expect(outs).toMatchObject({
      hex: bytes.toString("hex"),
      dec: BigInt(`0x${bytes.toString("hex")}`).toString(),
      b64Std: bytes.toString("base64"),
      b64Url: id,
    });
  });

  it("of characters hold each minimum and nothing that was switched off", () => {
    const counts = fc.record({ minLower: fc.nat(4), minUpper: fc.nat(4), minNumeric: fc.nat(4) });
    fc.assert(
      fc.property(counts, fc.nat(20), (minimums, more) => {
        const length = minimums.minLower + minimums.minUpper + minimums.minNumeric + more + 1;
        const wanted = { length, lower: true, upper: true, numeric: true, special: false, minSpecial: 0 };
        const made = randomCharacters({ ...wanted, ...minimums });
        expect(made).toMatch(/^[A-Za-z0-9]+$/);
        expect(made).toHaveLength(length);
        expect(made.replaceAll(/[^a-z]/g, "").length).toBeGreaterThanOrEqual(minimums.minLower);
        expect(made.replaceAll(/[^A-Z]/g, "").length).toBeGreaterThanOrEqual(minimums.minUpper);
        expect(made.replaceAll(/[^0-9]/g, "").length).toBeGreaterThanOrEqual(minimums.minNumeric);
      }),
    );
  });

  it.each([
    [{ length: 3, minLower: 2, minUpper: 2 }, "length must be at least 4, the sum of the minimums, got 3"],
    [{ length: 3, numeric: true, number: false }, "number and numeric must be equal when both are given"],
    [
      { length: 3, lower: false, upper: false, numeric: false, special: false },
      "at least one of lower, upper, numeric and special must be true",
    ],
  ])("are refused for %o", async (inputs, reason) => {
    const provider = await configured("random");
    const urn = "urn:pulumi:s::p::random:index/randomString:RandomString::r";
    const { failures } = await provider.check(urn, {}, inputs);
    expect(failures?.map((failure) => failure.reason)).toEqual([reason]);
  });
});
