// What the log must not show, and what it must.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { redact } from "../application/redaction.ts";

describe("redaction", () => {
  const hidden = [
    ["a mail address", "wrote to ana.lopez+x@example.co.uk today"],
    ["a phone number", "call +977 980 123 4567 now"],
    ["a grouped phone number", "call (555) 010-4477 or 555-010-4477"],
    ["a token", "bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"],
    ["a card number", "paid with 4111 1111 1111 1111"],
  ] as const;
  for (const [what, text] of hidden)
    it(`takes out ${what}`, () => assert.match(redact(text, []), /\[redacted\]/));

  it("takes out the worker's own secrets wherever they stand", () => {
    assert.equal(redact("key=s3cret-value;", ["s3cret-value"]), "key=[redacted];");
  });

  const shown = [
    "timed out after 30000 ms",
    "step 3f2c1a94-5b7d-4c1e-9a40-0d5c7be21f10 completed",
    "2026-11-22T11:22:10.937Z",
    '{"attempt":3,"depth":1000}',
  ];
  for (const text of shown) it(`leaves ${text} as it is`, () => assert.equal(redact(text, []), text));
});
