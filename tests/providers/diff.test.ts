// Diff: same, update or replace, decided from tables, without a connection.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { diffProperties } from "../../local/providers/diff.ts";
import { flag, json, list, map, number, object, policy, set, text } from "../../local/providers/schema.ts";
import { UNKNOWN } from "../../local/providers/values.ts";

const properties = {
  name: text({ replace: true, name: { maxLength: 20 } }),
  zone: text({ computed: true, replace: true }),
  days: number(),
  open: flag(),
  settings: json(),
  policy: policy(),
  tags: map(),
  members: set(text()),
  rules: list(object({ id: text({ required: true }), prefix: text({ computed: true }), size: number() })),
  place: object({ city: text(), street: text() }, { replace: true }),
};

const diff = (olds: Record<string, unknown>, news: Record<string, unknown>, ignore?: string[]) =>
  diffProperties(properties, olds, news, ignore);

describe("no change", () => {
  it.each([
    ["equal values", { days: 3, tags: { a: "b" } }, { days: 3, tags: { a: "b" } }],
    ["an absent value and an empty one", { open: false, tags: {}, members: [] }, {}],
    ["an empty value and an absent one", {}, { open: false, days: 0, tags: {}, rules: [] }],
    ["a value that the service chose", { zone: "a" }, {}],
    [
      "a value inside that the service chose",
      { rules: [{ id: "r", prefix: "p" }] },
      { rules: [{ id: "r" }] },
    ],
    ["members in another order", { members: ["a", "b"] }, { members: ["b", "a"] }],
    ["JSON written otherwise", { settings: '{"a":1,"b":[1,2]}' }, { settings: '{ "b": [1, 2], "a": 1 }' }],
    [
      "a policy that means the same",
      { policy: '{"Statement":{"Effect":"Allow","Action":["s3:Get","s3:Put"],"Resource":["*"]}}' },
      { policy: '{"Statement":[{"Sid":"","Effect":"Allow","Action":["s3:Put","s3:Get"],"Resource":"*"}]}' },
    ],
  ])("is seen between %s", (_what, olds, news) => {
    expect(diff(olds, news)).toMatchObject({ changes: false, detailedDiff: {}, deleteBeforeReplace: false });
  });

  it("is seen between anything and itself", () => {
    const values = fc.record(
      {
        days: fc.integer(),
        open: fc.boolean(),
        tags: fc.dictionary(fc.string(), fc.string()),
        members: fc.uniqueArray(fc.string()),
        rules: fc.array(fc.record({ id: fc.string(), size: fc.integer() })),
        settings: fc.json(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(values, (value) => {
        expect(diff(value, value).changes).toBe(false);
      }),
    );
  });
});

describe("a change", () => {
  it.each([
    [{ days: 3 }, { days: 4 }, { days: "update" }],
    [{ days: 3 }, {}, { days: "delete" }],
    [{}, { days: 3 }, { days: "add" }],
    [{ open: true }, { open: false }, { open: "update" }],
    [
      { tags: { a: "1", b: "2" } },
      { tags: { a: "3", "c d": "4" } },
      { "tags.a": "update", "tags.b": "delete", 'tags["c d"]': "add" },
    ],
    [{ members: ["a"] }, { members: ["a", "a"] }, { members: "update" }],
    [{ rules: [{ id: "r", size: 1 }] }, { rules: [{ id: "r", size: 2 }] }, { "rules[0].size": "update" }],
    [{ rules: [{ id: "r" }, { id: "s" }] }, { rules: [{ id: "r" }] }, { "rules[1]": "delete" }],
    [{ days: 3 }, { days: UNKNOWN }, { days: "update" }],
    [{ settings: '{"a":1}' }, { settings: '{"a":2}' }, { settings: "update" }],
    [
      { policy: '{"Statement":{"Action":"s3:Get"}}' },
      { policy: '{"Statement":{"Action":"s3:*"}}' },
      { policy: "update" },
    ],
  ])("from %o to %o is an update", (olds, news, kinds) => {
    const { changes, replaces, detailedDiff } = diff(olds, news);
    expect({ changes, replaces }).toEqual({ changes: true, replaces: [] });
    expect(Object.fromEntries(Object.entries(detailedDiff).map(([path, { kind }]) => [path, kind]))).toEqual(
      kinds,
    );
  });

  it.each([
    [{ zone: "a" }, { zone: "b" }, ["zone"]],
    [{ zone: "a" }, { zone: UNKNOWN }, ["zone"]],
    [{ place: { city: "a", street: "b" } }, { place: { city: "a", street: "c" } }, ["place"]],
  ])("from %o to %o is a replacement", (olds, news, replaces) => {
    expect(diff(olds, news)).toMatchObject({ changes: true, replaces });
  });

  it("that is to be ignored is none", () => {
    expect(diff({ days: 3 }, { days: 4 }, ["days"]).changes).toBe(false);
  });

  it("of a resource whose name the program chose deletes it before its replacement is made", () => {
    const olds = { name: "mine", zone: "a" };
    expect(diff(olds, { name: "mine", zone: "b", __defaults: [] }).deleteBeforeReplace).toBe(true);
    expect(diff(olds, { name: "mine", zone: "b", __defaults: ["name"] }).deleteBeforeReplace).toBe(false);
    expect(diff(olds, { name: "yours", zone: "b", __defaults: [] }).deleteBeforeReplace).toBe(false);
  });
});
