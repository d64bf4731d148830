// random.RandomId: random bytes in several notations, for names.

import { randomBytes } from "node:crypto";
import { resourceHandler } from "../handler.ts";
import { map, number, text } from "../schema.ts";
import type { NoSession } from "./resources.ts";

export const id = resourceHandler<NoSession>()({
  inputs: {
    byteLength: number({ required: true, replace: true, kept: true, minimum: 1 }),
    keepers: map({ replace: true, kept: true }),
    prefix: text({ replace: true, kept: true }),
  },
  outputs: {
    b64Std: text({ kept: true }),
    b64Url: text({ kept: true }),
    dec: text({ kept: true }),
    hex: text({ kept: true }),
  },

  async create({ byteLength }) {
    return { id: randomBytes(byteLength).toString("base64url"), once: {} };
  },

  async observe(drawn, known) {
    const bytes = Buffer.from(drawn, "base64url");
    const prefix = known.prefix ?? "";
    return {
      ...known,
      byteLength: bytes.length,
      b64Std: prefix + bytes.toString("base64"),
      b64Url: prefix + bytes.toString("base64url"),
      dec: prefix + BigInt(`0x${bytes.toString("hex")}`).toString(),
      hex: prefix + bytes.toString("hex"),
    };
  },

  async delete() {},
});
