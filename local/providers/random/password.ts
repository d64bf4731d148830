// random.RandomPassword: secret random text and its bcrypt hash.

import { hash } from "bcryptjs";
import { resourceHandler } from "../handler.ts";
import { text } from "../schema.ts";
import { characterInputs, randomCharacters, validateCharacters, withDigits } from "./characters.ts";
import type { NoSession } from "./resources.ts";

const BCRYPT_COST = 10;
/** bcrypt takes no more; the official provider cuts there too. */
const BCRYPT_BYTES = 72;

export const password = resourceHandler<NoSession>()({
  inputs: characterInputs,
  outputs: { result: text({ kept: true, secret: true }), bcryptHash: text({ kept: true, secret: true }) },
  validate: validateCharacters,

  async create(desired) {
    const result = randomCharacters(desired);
    const bcryptHash = await hash(Buffer.from(result).subarray(0, BCRYPT_BYTES).toString(), BCRYPT_COST);
    return { id: "none", once: { result, bcryptHash } };
  },

  async observe(_id, known) {
    return { ...known, number: withDigits(known), numeric: withDigits(known) };
  },

  async delete() {},
});
