// Text in Markdown that shows as it is written.

const LONGEST = 300;

/** One line that shows as it is written: no table cell, tag, link, mention or emphasis comes of it. */
export function text(value: string): string {
  const line = value.replace(/\s+/g, " ").trim();
  const short = line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
  return short.replace(/[\\`*_{}[\]<>|#~&]/g, "\\$&").replaceAll("@", "@\u200b");
}

/** Each line of each text as one that shows as it is written: what was found wrong in settings is told in one, a line a fault. */
export function textLines(values: readonly string[]): string[] {
  return values
    .flatMap((value) => value.split("\n"))
    .flatMap((line) => (line.trim() === "" ? [] : [text(line)]));
}
