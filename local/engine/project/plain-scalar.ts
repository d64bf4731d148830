// What unquoted scalars of YAML are to the official command's parser, which reads some of them as YAML 1.1 does: 017 is
// fifteen, 1_000 a thousand, 2026-03-01 a time, and whole numbers of 64 bits are exact.
import { type Document, isScalar, type ScalarTag, type Tags, visit } from "yaml";
import type { Value } from "../types.ts";

const TIME =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:([Tt]| +)(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d+))?(Z|[+-]\d{2}:\d{2})?)?$/;
const FLOAT = /^[-+]?\d+(\.\d*)?(e[-+]?\d+)?$/i;
const INTEGER = /^([-+]?)(?:0x([\da-f]+)|0b([01]+)|0o?([0-7]+)|(\d+))$/i;

/** What a time of a file is read as. */
export type TimeText = (time: { date: string; clock: string; fraction: string; zone: string }) => string;

/** Go's text of a time, `2026-03-01 00:00:00 +0000 UTC`: what the official command makes of one in a stack file. */
export const spokenTime: TimeText = ({ date, clock, fraction, zone }) => {
  const offset = zone.replace(":", "");
  return `${date} ${clock}${fraction} ${zone === "Z" ? "+0000 UTC" : `${offset} ${offset}`}`;
};

/** `2026-03-01T00:00:00Z`: what it makes of one in Pulumi.yaml. */
export const writtenTime: TimeText = ({ date, clock, fraction, zone }) =>
  `${date}T${clock}${fraction}${zone}`;

/** A copy of the document as the official command reads it; whole numbers beyond 2^53 are texts as deep as `exactDepth`. */
export function asRead(document: Document, exactDepth: number, timeText: TimeText): Document {
  const copy = document.clone();
  visit(copy, {
    Scalar(_key, node, path) {
      if (node.type !== "PLAIN" || node.tag || node.source === undefined) return;
      const read = readPlain(node.source, timeText);
      if (read === undefined) return;
      if (typeof read !== "bigint") node.value = read;
      else node.value = path.length <= exactDepth && !isSafe(read) ? String(read) : Number(read);
    },
  });
  return copy;
}

/** Whether a text has to be quoted for the official command to read it as a text. */
export function isMistaken(text: string): boolean {
  const read = readPlain(text, spokenTime);
  return read !== undefined && read !== text;
}

/** Tags that write a number that was read the way it was written: its digits and zeros are whoever's wrote them. */
export function asWritten(tags: Tags): Tags {
  return tags.map((tag) => {
    if (typeof tag === "string" || !/:(int|float)$/.test(tag.tag) || !("identify" in tag)) return tag;
    const { stringify } = tag as ScalarTag;
    const kept: ScalarTag = {
      ...(tag as ScalarTag),
      stringify: (item, ...rest) =>
        (isScalar(item) && item.source) || (stringify?.(item, ...rest) ?? String(item.value)),
    };
    return kept;
  });
}

const isSafe = (number: bigint) => Number.isSafeInteger(Number(number));

// Undefined for what no digit begins: those the YAML library reads in the same way.
function readPlain(text: string, timeText: TimeText): Value | bigint | undefined {
  if (!/^[-+]?\d/.test(text)) return undefined;
  const time = timeOf(text);
  if (time) return timeText(time);
  const digits = text.replaceAll("_", "");
  const whole = wholeNumber(digits);
  if (whole !== undefined) return whole;
  const float = FLOAT.test(digits) ? Number(digits) : Number.NaN;
  return Number.isFinite(float) ? float : text;
}

function wholeNumber(text: string): bigint | undefined {
  const [, sign, hexadecimal, binary, octal, decimal] = INTEGER.exec(text) ?? [];
  const digits =
    (hexadecimal && `0x${hexadecimal}`) ?? (binary && `0b${binary}`) ?? (octal && `0o${octal}`) ?? decimal;
  // 08 is no octal number, and none of Go's decimal ones; it is read as a float.
  if (digits === undefined || (decimal !== undefined && /^0\d/.test(decimal))) return undefined;
  const number = sign === "-" ? -BigInt(digits) : BigInt(digits);
  return number >= -(2n ** 63n) && number < 2n ** 64n ? number : undefined;
}

function timeOf(text: string): Parameters<TimeText>[0] | undefined {
  const [, year, month = "", day = "", between, ...rest] = TIME.exec(text) ?? [];
  const [hour = "0", minute = "0", second = "0", digits = "", zone] = rest;
  // With a T the zone belongs to it; after a space there is none.
  if (year === undefined || (between !== undefined && /^ /.test(between) === (zone !== undefined))) return;
  const two = (part: string) => part.padStart(2, "0");
  const date = `${year}-${two(month)}-${two(day)}`;
  const there = new Date(`${date}T${two(hour)}:${two(minute)}:${two(second)}Z`);
  if (Number.isNaN(there.getTime()) || Number(hour) > 23 || there.getUTCDate() !== Number(day)) return;
  const fraction = digits.replace(/0+$/, "");
  const clock = [hour, minute, second].map(two).join(":");
  return { date, clock, fraction: fraction && `.${fraction}`, zone: zone ?? "Z" };
}
