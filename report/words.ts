// The words and signs that people read for verdicts and results: one for each, everywhere.

const WORDS: { [verdict: string]: string } = {
  notRun: "not run",
  notApplicable: "not applicable",
};

/** A verdict or result in words. */
export function word(verdict: string): string {
  return WORDS[verdict] ?? verdict;
}

/** A sign beside the colour, for those who do not see the colour. */
const MARKS: { [result: string]: string } = {
  proven: "✓",
  passed: "✓",
  failed: "✗",
  incomplete: "?",
  inconclusive: "?",
  notRun: "·",
  notApplicable: "–",
};

export function mark(result: string): string {
  return MARKS[result] ?? "";
}

/** A moment as people read it: `2026-05-04 09:12:33 UTC`. */
export function moment(rfc3339: string): string {
  return rfc3339.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?Z$/, "$1 $2 UTC");
}

/** `1 box`, `2 boxes`. */
export function counted(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
