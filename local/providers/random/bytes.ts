// random.RandomBytes: secret random bytes, e.g. a key.

import { randomBytes } from "node:crypto";
import { resourceHandler } from "../handler.ts";
import { map, number, text } from "../schema.ts";
import type { NoSession } from "./resources.ts";

export const bytes = resourceHandler<NoSession>()({
  inputs: {
    keepers: map({ replace: true, kept: true }),
    length: number({ required: true, replace: true, kept: true, minimum: 1 }),
  },
  outputs: { base64: text({ kept: true, secret: true }), hex: text({ kept: true, secret: true }) },

  async create({ length }) {
    const drawn = randomBytes(length);
    return { id: "none", once: { base64: drawn.toString("base64"), hex: drawn.toString("hex") } };
  },

  async observe(_id, known) {
    return known;
  },

  async delete() {},
});
