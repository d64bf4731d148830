import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  annotateSecrets,
  containsSecrets,
  equal,
  lowerOutputs,
  makeReference,
  makeSecret,
  mapHashOnly,
  mapKnown,
  mapWithoutReferences,
  withoutSecrets,
} from "../../../local/engine/core/values.ts";
import { type PropertyMap, SECRET, SIGNATURE, UNKNOWN, type Value } from "../../../local/engine/types.ts";

const plain: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constant(null),
    fc.boolean(),
    fc.integer(),
    fc.string(),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(
      fc.string({ maxLength: 3 }).filter((key) => key !== "__proto__"),
      tie("value"),
      { maxKeys: 3 },
    ),
  ),
})).value;

/** The same value with some of its parts made secret. */
function withSomeSecrets(value: Value, choose: () => boolean): Value {
  const inner = Array.isArray(value)
    ? value.map((element) => withSomeSecrets(element, choose))
    : typeof value === "object" && value !== null
      ? Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withSomeSecrets(part, choose)]))
      : value;
  return choose() ? makeSecret(inner) : inner;
}

describe("secrets", () => {
  it("are gone, and nothing else, after withoutSecrets", () => {
    fc.assert(
      fc.property(plain, fc.infiniteStream(fc.boolean()), (value, coins) => {
        const marked = withSomeSecrets(value, () => coins.next().value === true);
        expect(withoutSecrets(marked)).toEqual(value);
        expect(containsSecrets(withoutSecrets(marked))).toBe(false);
      }),
    );
  });

  it("stay one layer deep when something secret is marked again", () => {
    expect(makeSecret(makeSecret("x"))).toEqual({ [SIGNATURE]: SECRET, value: "x" });
  });

  it("mark an output whose input is secret, inside objects too, and an array as a whole", () => {
    const outputs: PropertyMap = {
      a: "1",
      deep: { list: ["x", "y"], n: 1 },
      other: "2",
      own: makeSecret("3"),
    };
    annotateSecrets(outputs, {
      a: makeSecret("1"),
      deep: { list: ["x", makeSecret("y")], n: 1 },
      other: "2",
      own: makeSecret("3"),
      absent: makeSecret("4"),
    });
    expect(outputs).toEqual({
      a: makeSecret("1"),
      deep: { list: makeSecret(["x", "y"]), n: 1 },
      other: "2",
      own: makeSecret("3"),
    });
  });
});

describe("equal", () => {
  it("holds for a value and its copy, and a null entry counts as absent", () => {
    fc.assert(
      fc.property(plain, (value) => {
        expect(equal(value, structuredClone(value))).toBe(true);
        expect(equal({ value, nothing: null }, { value })).toBe(true);
        expect(equal({ value }, { value, nothing: null })).toBe(true);
        expect(equal([value], [value, null])).toBe(false);
      }),
    );
  });

  it("is false between a secret and what it hides, a list and an object, an object and null", () => {
    expect(equal(makeSecret("x"), "x")).toBe(false);
    expect(equal([], {})).toBe(false);
    expect(equal({}, null)).toBe(false);
    expect(equal(null, {})).toBe(false);
    expect(equal(undefined, null)).toBe(true);
  });

  it("compares assets by hash alone", () => {
    const asset = (hash: string, text: string) => ({
      [SIGNATURE]: "c44067f5952c0a294b673a41bacd8c17",
      hash,
      text,
    });
    expect(equal(asset("1", "a"), asset("1", "b"))).toBe(true);
    expect(equal(asset("1", "a"), asset("2", "a"))).toBe(false);
  });
});

describe("values for a provider", () => {
  it("leave unknowns out of what a real operation receives, at any depth", () => {
    const map = { a: UNKNOWN, b: { c: UNKNOWN, d: 1 }, e: [UNKNOWN, 2], f: makeSecret(UNKNOWN) };
    expect(mapKnown(map)).toEqual({ b: { d: 1 }, e: [null, 2] });
  });

  it("carry ids for resources and urns for components when references are not taken", () => {
    const map = {
      r: makeReference("urn:r", "id-1"),
      c: makeReference("urn:c", undefined),
      u: makeReference("urn:u", UNKNOWN),
    };
    expect(mapWithoutReferences(map)).toEqual({ r: "id-1", c: "urn:c", u: UNKNOWN });
  });

  it("carry only the hash of an asset in old states", () => {
    const asset = { [SIGNATURE]: "c44067f5952c0a294b673a41bacd8c17", hash: "h", text: "content" };
    expect(mapHashOnly({ a: [asset] })).toEqual({ a: [{ [SIGNATURE]: asset[SIGNATURE], hash: "h" }] });
  });
});

describe("output values", () => {
  it("become unknowns, secrets and plain values, and tell what they depend on", () => {
    const output = (rest: PropertyMap): PropertyMap => ({
      [SIGNATURE]: "d0e6a833031e9bbcd3f4e8bde6ca49a4",
      ...rest,
    });
    const urns: string[] = [];
    const lowered = lowerOutputs(
      {
        a: output({ value: "x", secret: true, dependencies: ["urn:1"] }),
        b: [output({}), output({ value: output({ value: 1 }) })],
      },
      (urn) => urns.push(urn),
    );
    expect(lowered).toEqual({ a: makeSecret("x"), b: [UNKNOWN, 1] });
    expect(urns).toEqual(["urn:1"]);
  });
});
