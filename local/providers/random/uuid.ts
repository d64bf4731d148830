// random.RandomUuid: a version 4 UUID; the id is the UUID.

import { randomUUID } from "node:crypto";
import { resourceHandler } from "../handler.ts";
import { map, text } from "../schema.ts";
import type { NoSession } from "./resources.ts";

export const uuid = resourceHandler<NoSession>()({
  inputs: { keepers: map({ replace: true, kept: true }) },
  outputs: { result: text({ kept: true }) },

  async create() {
    return randomUUID();
  },

  async observe(drawn, known) {
    return { ...known, result: drawn };
  },

  async delete() {},
});
