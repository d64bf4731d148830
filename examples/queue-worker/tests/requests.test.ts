// What is a step and what is none; where error events go.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { envelopeAddress } from "../application/error-tracking.ts";
import { stepRequest } from "../application/step.ts";

describe("a request for a step", () => {
  it("has a kind that exists", () => {
    assert.equal(stepRequest.safeParse({ kind: "noop" }).success, true);
    assert.equal(stepRequest.safeParse({ kind: "shell" }).success, false);
  });
  it("has no field that nobody reads", () => {
    assert.equal(stepRequest.safeParse({ kind: "noop", extra: 1 }).success, false);
  });
  for (const [limit, good] of [
    [99, false],
    [100, true],
    [30_000, true],
    [30_001, false],
  ] as const)
    it(`${good ? "may" : "may not"} have a limit of ${limit} ms`, () =>
      assert.equal(stepRequest.safeParse({ kind: "noop", timeoutMilliseconds: limit }).success, good));
});

describe("the address of error events", () => {
  it("is made of the DSN", () => {
    const dsn = new URL("https://key@errors.example.com/path/7");
    assert.deepEqual(envelopeAddress(dsn), {
      url: "https://errors.example.com/path/api/7/envelope/",
      key: "key",
    });
  });
});
