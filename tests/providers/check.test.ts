// Check: what the program wrote becomes inputs with defaults and names, or is refused by name.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { autoName } from "../../local/providers/auto-name.ts";
import { checkInputs } from "../../local/providers/check.ts";
import { flag, json, list, map, number, object, text } from "../../local/providers/schema.ts";
import { UNKNOWN } from "../../local/providers/values.ts";

const type = "aws:shop/order:Order";
const properties = {
  name: text({ replace: true, name: { maxLength: 20, lowercase: true } }),
  size: text({ required: true, oneOf: ["small", "large"] }),
  days: number({ default: 30, minimum: 1, maximum: 365 }),
  urgent: flag(),
  policy: json(),
  password: text({ secret: true, oneOf: ["only this"] }),
  rules: list(object({ id: text({ required: true }), enabled: flag({ default: true }) })),
  tags: map(),
};

function check(news: Record<string, unknown>, olds: Record<string, unknown> = {}, randomSeed?: Uint8Array) {
  return checkInputs({ type, logicalName: "Order", properties, olds, news, randomSeed });
}

describe("checked inputs", () => {
  it("hold defaults and a name, and tell which they are", () => {
    const { inputs, failures } = check({ size: "small", rules: [{ id: "a" }] });
    expect(failures).toEqual([]);
    expect(inputs).toEqual({
      __defaults: ["days", "name"],
      days: 30,
      name: expect.stringMatching(/^order-[0-9a-f]{7}$/),
      rules: [{ id: "a", enabled: true }],
      size: "small",
    });
  });

  it("keep the automatic name of the run before", () => {
    const first = check({ size: "small" }).inputs;
    expect(check({ size: "large" }, first).inputs.name).toBe(first.name);
  });

  it("get a name of their own when the program no longer gives one", () => {
    const first = check({ size: "small", name: "mine" }).inputs;
    expect(check({ size: "small" }, first).inputs.name).toMatch(/^order-[0-9a-f]{7}$/);
  });

  it("have numbers, switches and JSON in their own kinds", () => {
    const { inputs } = check({ size: "small", days: "7", urgent: "true", policy: { a: 1 }, tags: { n: 1 } });
    expect(inputs).toMatchObject({ days: 7, urgent: true, policy: '{"a":1}', tags: { n: "1" } });
  });

  it("keep what is not known yet, without judging it", () => {
    const { inputs, failures } = check({ size: UNKNOWN, days: UNKNOWN, rules: [{ id: UNKNOWN }] });
    expect(failures).toEqual([]);
    expect(inputs).toMatchObject({ size: UNKNOWN, days: UNKNOWN, rules: [{ id: UNKNOWN, enabled: true }] });
  });

  it("hold the id of a resource that was passed as such", () => {
    const signature = "4dabf18193072939515e22adb298388d";
    const reference = { [signature]: "5cf8f73096256a8f31e491e813e4eb8e", urn: "urn:x", id: "small" };
    expect(check({ size: reference }).inputs.size).toBe("small");
  });

  it("are those of before when they are checked again", () => {
    const { inputs } = check({ size: "small", tags: { a: "b" } });
    expect(check(inputs, inputs).inputs).toMatchObject({ ...inputs, __defaults: [] });
  });
});

describe("a failure", () => {
  it.each([
    [{ size: "small", colour: "red" }, "colour", 'property "colour" is not supported by the local provider'],
    [
      { size: "small", rules: [{ id: "a", on: 1 }] },
      "rules[0].on",
      'property "rules[0].on" is not supported by the local provider',
    ],
    [{}, "size", 'missing required property "size"'],
    [{ size: "small", rules: [{}] }, "rules[0].id", 'missing required property "rules[0].id"'],
    [{ size: "medium" }, "size", 'property "size" must be one of "small", "large", got "medium"'],
    [{ size: "small", days: 0 }, "days", 'property "days" must be from 1 to 365, got 0'],
    [{ size: "small", days: 366 }, "days", 'property "days" must be from 1 to 365, got 366'],
    [{ size: "small", days: "many" }, "days", 'property "days" must be a number, got "many"'],
    [{ size: "small", policy: "{" }, "policy", 'property "policy" must be JSON text, got "{"'],
    [{ size: "small", tags: ["a"] }, "tags", 'property "tags" must be an object of text values, got ["a"]'],
  ])("of %o names the property and what it should be", (news, property, reason) => {
    expect(check(news).failures).toEqual([{ property, reason: `${type}: ${reason}` }]);
  });

  it("of a secret leaves its value out", () => {
    const [failure] = check({ size: "small", password: "hunter2" }).failures;
    expect(failure?.reason).toContain("got another value");
    expect(failure?.reason).not.toContain("hunter2");
  });

  it.each([1, 365])("does not come from days of %i", (days) => {
    expect(check({ size: "small", days }).failures).toEqual([]);
  });

  it("comes for every fault at once", () => {
    expect(check({ colour: 1, days: 0 }).failures.map(({ property }) => property)).toEqual([
      "colour",
      "days",
      "size",
    ]);
  });

  it("never is an exception, whatever the program gives", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...Object.keys(properties), "other"), fc.jsonValue()),
        (news) => {
          expect(() => check(news)).not.toThrow();
        },
      ),
    );
  });
});

describe("an automatic name", () => {
  it("is the same for the same seed", () => {
    const seed = new Uint8Array(32).fill(7);
    const rules = { maxLength: 63 };
    expect(autoName("orders", rules, "", seed)).toBe(autoName("orders", rules, "", seed));
    expect(autoName("orders", rules, "", seed)).not.toBe(autoName("orders", rules, "", new Uint8Array([1])));
  });

  it("is refused where it outgrows the service's limit, as Pulumi shortens nothing", () => {
    const { failures } = checkInputs({
      type,
      logicalName: "orders-of-13.",
      properties,
      olds: {},
      news: { size: "small" },
    });
    expect(failures).toEqual([
      {
        property: "name",
        reason:
          'aws:shop/order:Order: the name "orders-of-13." with a hyphen and 7 digits is longer than the 20 characters that "name" may have; shorten it',
      },
    ]);
  });

  it("has prefix and suffix, and never outgrows the service's limit", () => {
    fc.assert(
      fc.property(
        fc.string({ maxLength: 100 }),
        fc.integer({ min: 30, max: 80 }),
        (logicalName, maxLength) => {
          const name = autoName(logicalName, { maxLength, prefix: "alias/" }, ".fifo");
          const length = "alias/".length + logicalName.length + "-0123456.fifo".length;
          expect(name?.length).toBe(length > maxLength ? undefined : length);
          expect(name ?? "alias/-0123456.fifo").toMatch(/^alias\/.*-[0-9a-f]{7}\.fifo$/s);
        },
      ),
    );
  });
});
