// random.RandomString: random text that is no secret; the id is the text.

import { resourceHandler } from "../handler.ts";
import { text } from "../schema.ts";
import { characterInputs, randomCharacters, validateCharacters, withDigits } from "./characters.ts";
import type { NoSession } from "./resources.ts";

export const string = resourceHandler<NoSession>()({
  inputs: characterInputs,
  outputs: { result: text({ kept: true }) },
  validate: validateCharacters,

  async create(desired) {
    const result = randomCharacters(desired);
    return { id: result, once: { result } };
  },

  async observe(id, known) {
    return { ...known, number: withDigits(known), numeric: withDigits(known), result: id };
  },

  async delete() {},
});
