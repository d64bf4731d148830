import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expectation, faultsOf, renderExpectation } from "../../checks/http/expectation.ts";
import { valueAt } from "../../checks/http/json-path.ts";
import { exchange } from "../../checks/http/request.ts";
import { withServer } from "./support/http-server.ts";

const judge = (wanted: object, json: unknown) =>
  faultsOf({ status: 200, json, text: JSON.stringify(json), milliseconds: 5 }, expectation().parse(wanted));

describe("expectations", () => {
  it.each([
    [{ equals: { a: [1] } }, { a: [1] }, { a: [1, 2] }],
    [{ not: 1 }, 2, 1],
    [{ oneOf: ["a", 2] }, 2, 3],
    [{ atLeast: 4 }, 4, 3.99],
    [{ atMost: 4 }, 4, 4.01],
    [{ contains: "b" }, "abc", "ac"],
    [{ contains: 2 }, [1, 2], [1, "2"]],
    [{ matches: "^a+$" }, "aa", "ab"],
    [{ exists: true }, null, undefined],
    [{ exists: false }, undefined, null],
    [{ type: "array" }, [], {}],
    [{ type: "null" }, null, 0],
    [{ length: 2 }, "ab", "abc"],
    [{ minLength: 2 }, [1, 2], [1]],
    [{ atLeast: 1, atMost: 2 }, 2, 3],
    ["text", "text", "texts"],
    [null, null, false],
    [0, 0, "0"],
  ])("of %o hold for %o and not for %o", (wanted, good, bad) => {
    expect(judge({ json: { "$.v": wanted } }, { v: good })).toEqual([]);
    expect(judge({ json: { "$.v": wanted } }, { v: bad })).toHaveLength(1);
  });

  it("never take a missing value or a value of another type for a match", () => {
    for (const wanted of [
      { atLeast: 0 },
      { atMost: 9 },
      { contains: "" },
      { matches: "" },
      { minLength: 0 },
      { not: "failed" },
    ])
      expect(judge({ json: { "$.v": wanted } }, {})).toHaveLength(1);
  });

  it.each([
    [undefined, 204, 302],
    [201, 201, 200],
    ["4xx", 404, 500],
    [[200, 204], 204, 201],
  ])("of status %o hold for %i and not for %i", (status, good, bad) => {
    const wanted = expectation().parse({ status });
    expect(faultsOf({ status: good, milliseconds: 1 }, wanted)).toEqual([]);
    expect(faultsOf({ status: bad, milliseconds: 1 }, wanted)).toHaveLength(1);
  });

  it("judge the time on both sides of its bound", () => {
    const wanted = expectation().parse({ atMostMilliseconds: 100 });
    expect(faultsOf({ status: 200, milliseconds: 100 }, wanted)).toEqual([]);
    expect(faultsOf({ status: 200, milliseconds: 100.1 }, wanted)).toEqual([
      "time: 101 ms, want at most 100 ms",
    ]);
  });

  it("tell whole numbers apart that JavaScript rounds to one", async () => {
    const body = `{ "id": 9007199254740993, "small": 9007199254740991, "text": "1234567890123456789", "share": 0.1234567890123456789 }`;
    const answered = await withServer(
      (_request, response) => void response.end(body),
      (url) => exchange({ url, timeoutSeconds: 5, signal: AbortSignal.timeout(5_000) }),
    );
    const faults = (json: object) => faultsOf(answered, expectation().parse({ json }));
    expect(
      faults({
        "$.id": "9007199254740993",
        "$.small": 9007199254740991,
        "$.text": { type: "string" },
        "$.share": { atMost: 0.2 },
      }),
    ).toEqual([]);
    expect(faults({ "$.id": { type: "number", atLeast: 9007199254740992, atMost: 9.1e15 } })).toEqual([]);
    expect(faults({ "$.id": 9007199254740992 })).toHaveLength(1);
    expect(faults({ "$.id": { atMost: 5 } })).toHaveLength(1);
  });

  it("fail on a body that is no JSON where JSON is wanted, showing its beginning", () => {
    const wanted = expectation().parse({ json: { $: { type: "object" } } });
    expect(faultsOf({ status: 200, text: "<html>", milliseconds: 1 }, wanted)).toEqual([
      "body: not JSON (<html>), want JSON",
    ]);
  });

  it("refuse conditions that do not exist, that say nothing, and patterns that are none", () => {
    const refused = [{ atleast: 1 }, {}, { matches: "(" }];
    for (const wanted of refused)
      expect(expectation().safeParse({ json: { $: wanted } }).success).toBe(false);
  });

  it("are printed in words", () => {
    const wanted = expectation().parse({ headers: { ETag: { exists: true } }, json: { "$.a": 1 } });
    expect(renderExpectation(wanted)).toBe('status "2xx", header etag {"exists":true}, $.a 1');
  });
});

describe("json paths", () => {
  it.each([
    ["$", { a: 1 }],
    ["$.a", 1],
    ['$["odd key"][0]', "x"],
    ["$.list[-1].b", 2],
    ["$.list.length", 2],
    ["$.none.deeper", undefined],
    ["$.a.length", undefined],
    ["$.toString", undefined],
  ])("%s finds its value", (path, value) => {
    const root = { a: 1, "odd key": ["x"], list: [{ b: 1 }, { b: 2 }] };
    expect(valueAt(path === "$" ? { a: 1 } : root, path)).toEqual(value);
  });

  it("refuses what it does not understand, and never throws anything else", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          valueAt({ a: 1 }, `$${text}`);
          return true;
        } catch (error) {
          return error instanceof Error && error.message.startsWith("json path ");
        }
      }),
    );
    expect(() => valueAt({}, "$.a[*]")).toThrow('json path "$.a[*]": not understood from "[*]"');
  });
});
