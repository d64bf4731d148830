import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contains, formatPath, parsePath, resetPath } from "../../../local/engine/core/property-path.ts";
import { makeSecret } from "../../../local/engine/core/values.ts";

describe("property path", () => {
  it.each([
    ["a", ["a"]],
    ["a.b[0].c", ["a", "b", 0, "c"]],
    ['a["b c"][1]', ["a", "b c", 1]],
    ['["x\\"y"].*', ['x"y', "*"]],
    ["a[*].b", ["a", "*", "b"]],
    ["#initerror", ["#initerror"]],
  ])("reads %s", (text, path) => {
    expect(parsePath(text)).toEqual(path);
  });

  it.each(["a[", "a[x]", 'a["b', "a..b", "a."])("refuses %s", (text) => {
    expect(() => parsePath(text)).toThrow("cannot be read");
  });

  it("is read back as it was written", () => {
    const part = fc.oneof(
      fc.string({ minLength: 1 }).filter((key) => !key.includes("\\")),
      fc.nat(),
    );
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (path) => {
        expect(parsePath(formatPath(path))).toEqual(path);
      }),
    );
  });

  it("contains itself and what is below, a star standing for any key and index", () => {
    expect(contains(["a"], ["a", "b"])).toBe(true);
    expect(contains(["a", "b"], ["a"])).toBe(false);
    expect(contains(["*", 0], ["x", 0, "y"])).toBe(true);
    expect(contains(["b"], ["a"])).toBe(false);
  });
});

describe("resetting a path", () => {
  it("takes the old value, removes what was not there, and leaves the rest", () => {
    expect(resetPath(["a"], { a: 1 }, { a: 2, b: 3 })).toEqual({ a: 1, b: 3 });
    expect(resetPath(["a"], {}, { a: 2, b: 3 })).toEqual({ b: 3 });
    expect(resetPath(["a", "x"], { a: { x: 1 } }, { a: { x: 2, y: 3 } })).toEqual({ a: { x: 1, y: 3 } });
    expect(resetPath(["l", 1], { l: [1, 2] }, { l: [3, 4] })).toEqual({ l: [3, 2] });
    expect(resetPath(["l", "*", "x"], { l: [{ x: 1 }] }, { l: [{ x: 2, y: 2 }] })).toEqual({
      l: [{ x: 1, y: 2 }],
    });
  });

  it("goes through secrets, and an old secret stays one", () => {
    expect(resetPath(["a"], { a: makeSecret(1) }, { a: 2 })).toEqual({ a: makeSecret(1) });
    const news = { a: makeSecret({ x: 2, y: 3 }) };
    expect(resetPath(["a", "x"], { a: makeSecret({ x: 1 }) }, news)).toEqual({
      a: makeSecret({ x: 1, y: 3 }),
    });
  });

  it("is impossible where the way there differs", () => {
    expect(resetPath(["a", "x"], {}, { a: { x: 1 } })).toBeUndefined();
    expect(resetPath(["a", "x"], { a: 1 }, { a: { x: 1 } })).toBeUndefined();
    expect(resetPath(["l", 1], { l: [1] }, { l: [1, 2] })).toBeUndefined();
    expect(resetPath(["l", "*"], { l: [1] }, { l: [1, 2] })).toBeUndefined();
  });

  it("never changes what it was given", () => {
    const olds = { a: { x: 1 } };
    const news = { a: { x: 2 } };
    resetPath(["a", "x"], olds, news);
    expect([olds, news]).toEqual([{ a: { x: 1 } }, { a: { x: 2 } }]);
  });
});
