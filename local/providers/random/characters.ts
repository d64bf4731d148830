// Text of random characters with a minimum from each class. Unbiased: every index comes from randomInt.

import { randomInt } from "node:crypto";
import type { CheckFailure } from "@pulumi/pulumi/provider/index.js";
import { flag, map, number, text } from "../schema.ts";

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS = "0123456789";
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

/** Inputs of RandomPassword and RandomString; each change makes a new value. */
export const characterInputs = {
  keepers: map({ replace: true, kept: true }),
  length: number({ required: true, replace: true, kept: true, minimum: 1 }),
  lower: flag({ default: true, replace: true, kept: true }),
  upper: flag({ default: true, replace: true, kept: true }),
  number: flag({ computed: true, replace: true, kept: true }),
  numeric: flag({ computed: true, replace: true, kept: true }),
  special: flag({ default: true, replace: true, kept: true }),
  minLower: number({ default: 0, replace: true, kept: true, minimum: 0 }),
  minUpper: number({ default: 0, replace: true, kept: true, minimum: 0 }),
  minNumeric: number({ default: 0, replace: true, kept: true, minimum: 0 }),
  minSpecial: number({ default: 0, replace: true, kept: true, minimum: 0 }),
  overrideSpecial: text({ replace: true, kept: true }),
} as const;

interface Characters {
  length: number;
  lower: boolean;
  upper: boolean;
  number?: boolean;
  numeric?: boolean;
  special: boolean;
  minLower: number;
  minUpper: number;
  minNumeric: number;
  minSpecial: number;
  overrideSpecial?: string;
}

/** Whether digits are drawn: `numeric`, of which `number` is the old name. */
export function withDigits({ numeric, number }: Pick<Characters, "numeric" | "number">): boolean {
  return numeric ?? number ?? true;
}

/** Faults between the properties; one that is not known yet is not judged. */
export function validateCharacters(inputs: Partial<Characters>): CheckFailure[] {
  const { length, minLower, minUpper, minNumeric, minSpecial } = inputs;
  const minimums = [minLower, minUpper, minNumeric, minSpecial].map((count) =>
    typeof count === "number" ? count : 0,
  );
  const needed = minimums.reduce((sum, count) => sum + count, 0);
  if (typeof length === "number" && length < needed) {
    return [
      {
        property: "length",
        reason: `length must be at least ${needed}, the sum of the minimums, got ${length}`,
      },
    ];
  }
  const { numeric, number: digits, lower, upper, special } = inputs;
  if (typeof numeric === "boolean" && typeof digits === "boolean" && numeric !== digits) {
    return [{ property: "number", reason: "number and numeric must be equal when both are given" }];
  }
  if (lower === false && upper === false && special === false && !withDigits({ numeric, number: digits })) {
    return [{ property: "lower", reason: "at least one of lower, upper, numeric and special must be true" }];
  }
  return [];
}

/** A text as wanted; its characters are shuffled, so that the minimums stand anywhere. */
export function randomCharacters(wanted: Characters): string {
  const special = wanted.overrideSpecial ? wanted.overrideSpecial : SPECIAL;
  const all = [
    wanted.upper ? UPPER : "",
    wanted.lower ? LOWER : "",
    withDigits(wanted) ? DIGITS : "",
    wanted.special ? special : "",
  ].join("");
  const minimums = [
    ...draw(special, wanted.minSpecial),
    ...draw(LOWER, wanted.minLower),
    ...draw(UPPER, wanted.minUpper),
    ...draw(DIGITS, wanted.minNumeric),
  ];
  return shuffle([...minimums, ...draw(all, wanted.length - minimums.length)]).join("");
}

function draw(from: string, count: number): string[] {
  return Array.from({ length: count }, () => from.charAt(randomInt(from.length)));
}

function shuffle(characters: string[]): string[] {
  const shuffled = [...characters];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    const [a = "", b = ""] = [shuffled[last], shuffled[other]];
    shuffled[last] = b;
    shuffled[other] = a;
  }
  return shuffled;
}
