// One Markdown document: its sections with text in them, what it must mention, its links, its date.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { percentDecoded } from "../percent-encoding.ts";
import { type Observation, observe } from "../step/definition.ts";

/** A document; its name is the observation. */
export const documentWanted = () =>
  z.strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
      .describe("name of the observation, e.g. `runbook`"),
    file: z.string().min(1).describe("the document (Markdown)"),
    sections: z
      .array(z.string().min(1))
      .default([])
      .describe("headings that it must have, with text below them"),
    mentions: z.array(z.string().min(1)).default([]).describe("texts that it must hold"),
    release: z.boolean().default(false).describe("whether it must name the version that is released"),
    links: z.boolean().default(true).describe("whether its links to files must lead to files"),
    maximumAgeDays: z
      .int()
      .min(1)
      .max(3650)
      .optional()
      .describe("age of the newest day in it, `YYYY-MM-DD`, beyond which it counts as forgotten"),
  });
export type DocumentWanted = z.output<ReturnType<typeof documentWanted>>;

// In capitals: `todo` is a word of Spanish and Portuguese.
const MARKER = /\b(TODO|TBD|FIXME|XXX)\b/;
const FILLER = /lorem ipsum|<your[ -]/i;

/** @param text undefined when there is no such file. @param path of the file, for its links */
export function judgeDocument(
  wanted: DocumentWanted,
  text: string | undefined,
  path: string,
  release: string | undefined,
): Observation {
  const expected = expectedOf(wanted, release);
  if (text === undefined) return observe(wanted.name, false, expected, `no file ${wanted.file}`);
  const plain = withoutCode(text);
  const [placeholder] = MARKER.exec(plain) ?? FILLER.exec(plain) ?? [];
  const faults = [
    ...wanted.sections
      .filter((title) => !hasSection(plain, title))
      .map((title) => `no section "${title}" with text`),
    ...wanted.mentions.filter((mention) => !text.includes(mention)).map((mention) => `no "${mention}"`),
    ...(wanted.release && (release === undefined || !namesVersion(text, release))
      ? [`no version ${release}`]
      : []),
    ...(wanted.links ? deadLinks(plain, path) : []),
    ...(placeholder === undefined ? [] : [`a placeholder, "${placeholder}"`]),
    ...(text.trim() === "" ? ["nothing in it"] : []),
    ...ageFaults(wanted, text),
  ];
  const words = text.split(/\s+/).filter((word) => word !== "").length;
  return observe(
    wanted.name,
    faults.length === 0,
    expected,
    faults.length === 0 ? `${words} words, all of it` : faults.join("; "),
  );
}

// What follows the version in one that comes before it.
const UNFINISHED = /^-(alpha|beta|rc|pre|preview|dev|next|canary|snapshot)\b/i;

/** Whether the version stands there as such: 1.2.3 is neither 11.2.3 nor 1.2.30 nor 1.2.3-rc.1. */
function namesVersion(text: string, version: string): boolean {
  const [first, ...parts] = text.split(version);
  return parts.some((after, at) => {
    const before = at === 0 ? first : parts[at - 1];
    return !/\d\.?$/.test(before ?? "") && !/^\.?\d/.test(after) && !UNFINISHED.test(after);
  });
}

function expectedOf(wanted: DocumentWanted, release: string | undefined): string {
  const parts = [
    wanted.sections.length > 0 ? `sections ${wanted.sections.join(", ")}` : "",
    wanted.mentions.length > 0 ? `naming ${wanted.mentions.join(", ")}` : "",
    wanted.release ? `of version ${release}` : "",
    wanted.maximumAgeDays === undefined ? "" : `at most ${wanted.maximumAgeDays} days old`,
    "no placeholder",
  ].filter((part) => part !== "");
  return `${wanted.file}: ${parts.join("; ")}`;
}

/** Headings and links in examples are none. */
function withoutCode(text: string): string {
  return text.replace(/^(`{3,}|~{3,})[\s\S]*?^\1/gm, "code").replace(/`[^`\n]*`/g, "code");
}

/** A heading in whose text the title begins a word, followed by text that readers see before the next heading of its level. */
function hasSection(text: string, title: string): boolean {
  const lines = text.replace(/<!--[\s\S]*?-->/g, "").split("\n");
  const words = title.toLowerCase().replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const named = new RegExp(`(?<![\\p{L}\\p{N}])${words}`, "u");
  const levelOf = (line: string) => /^(#{1,6})\s/.exec(line)?.[1]?.length;
  const start = lines.findIndex((line) => levelOf(line) && named.test(line.toLowerCase()));
  if (start < 0) return false;
  const level = levelOf(lines[start] ?? "") ?? 1;
  const rest = lines.slice(start + 1);
  const end = rest.findIndex((line) => (levelOf(line) ?? 7) <= level);
  return rest.slice(0, end < 0 ? undefined : end).some((line) => line.trim() !== "" && !levelOf(line));
}

// An address may be in angle brackets, for its spaces, and may have brackets of its own.
const INLINE_LINK = /\]\((?:<([^<>\n]+)>|((?:[^\s()<>]|\([^\s()<>]*\))+))(?:\s+"[^"]*")?\)/g;
const LINK_DEFINITION = /^ {0,3}\[(?!\^)[^\]\n]+\]:\s*(?:<([^<>\n]+)>|(\S+))(?=\s*$|\s+["'(])/gm;

function deadLinks(text: string, path: string): string[] {
  const targets = [INLINE_LINK, LINK_DEFINITION].flatMap((form) =>
    [...text.matchAll(form)].map(([, bracketed, plain]) => bracketed ?? plain ?? ""),
  );
  return targets
    .filter((target) => !/^([a-z][a-z0-9+.-]*:|#|\/\/)/i.test(target))
    .filter((target) => {
      const [file = ""] = target.split("#");
      return !existsSync(join(dirname(path), percentDecoded(file) ?? file));
    })
    .map((target) => `its link to ${target} leads nowhere`);
}

// So long before UTC a day begins where it begins first.
const EARLIEST_DAY_MILLISECONDS = 14 * 3_600_000;

function ageFaults({ maximumAgeDays }: DocumentWanted, text: string): string[] {
  if (maximumAgeDays === undefined) return [];
  const days = [...text.matchAll(/\b\d{4}-\d\d-\d\d\b/g)]
    .map(([day]) => Date.parse(day))
    .filter((at) => at <= Date.now() + EARLIEST_DAY_MILLISECONDS);
  if (days.length === 0) return ["no day in it"];
  const age = (Date.now() - Math.max(...days)) / 86_400_000;
  return age <= maximumAgeDays ? [] : [`${Math.floor(age)} days old`];
}
