// Whether the evidence of a box says what the box's own words say: every figure and every name of the wording must stand in what its
// observations wanted or saw. Figures are compared by what they measure: 5 MB is 5000000 bytes, 1 second is 1000 ms.
import type { BoxVerdict } from "./checklist.ts";
import type { Observation, StepReport } from "./steps.ts";

/** Something that a box's words say and its evidence does not. */
export interface Gap {
  box: string;
  /** As it stands in the wording. */
  word: string;
}

// What a figure with this unit may also be called: factors to the units that evidence uses.
const UNITS: [RegExp, number[]][] = [
  [/^(ms|milliseconds?)$/, [1, 1 / 1000]],
  [/^(s|sec|seconds?)$/, [1, 1000]],
  [/^(min|minutes?)$/, [1, 60, 60_000, 1 / 60]],
  [/^(h|hours?)$/, [1, 60, 3600, 3_600_000]],
  [/^(d|days?)$/, [1, 24, 1440, 86_400]],
  [/^(weeks?)$/, [1, 7, 168]],
  [/^(kb|kib)$/, [1, 1000, 1024]],
  [/^(mb|mib)$/, [1, 1_000_000, 1_048_576]],
  [/^(gb|gib)$/, [1, 1_000_000_000, 1_073_741_824]],
  [/^(%|percent)$/, [1, 1 / 100]],
];
const COUNTS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
// A word that counts: not "one", which is an article as often.
const COUNTED = new RegExp(`\\b(${COUNTS.slice(2).join("|")})\\b`, "gi");
const FIGURE = /(?<![\w.:/-])(\d+(?:,\d{3})*(?:\.\d+)?)\s?(%|[a-z]+)?(?![\w:])/gi;
const CLOCK = /\b([01]?\d|2[0-3]):([0-5]\d)\b/g;
// What is written as in a program or an address: `code`, snake_case, UPPER_CASE, #channel, a/b, a@b, key=value, https://…
const NAME =
  /`([^`]+)`|(https?:\/\/[\w./-]+[\w])|([\w.+-]+@[\w-]+\.[\w.]+\w)|(#[a-z][\w-]+)|(\b[a-zA-Z][\w-]*=[\w-]+)|(\b[a-z]+(?:_[a-z0-9]+)+\b)|(\b[A-Z]+(?:_[A-Z0-9]+)+\b)/g;

/** The gaps of all proven boxes, without those that are excused by box and word. */
export function wordingGaps(
  boxes: BoxVerdict[],
  steps: StepReport[],
  excused: { [box: string]: { [word: string]: string } } = {},
): Gap[] {
  const known = new Map(
    steps.flatMap((step) => step.observations.map((o): [string, Observation] => [`${step.name}#${o.id}`, o])),
  );
  return boxes.flatMap(({ id, item, verdict, proof }) => {
    if (verdict !== "proven" && verdict !== "pending") return [];
    const observations = proof.flatMap((name) => known.get(name) ?? []);
    const text = [...proof, ...observations.flatMap(({ expected, observed }) => [expected, observed])].join(
      "\n",
    );
    return missingWords(item, text, proof.length)
      .filter((word) => excused[id]?.[word] === undefined)
      .map((word) => ({ box: id, word }));
  });
}

/** Figures and names of the wording that the evidence does not have. @param observations how many prove the box */
export function missingWords(item: string, evidence: string, observations = 1): string[] {
  const seen = new Set([...evidence.matchAll(/\d[\d,]*(?:\.\d+)?/g)].map(([text]) => figureOf(text)));
  const has = (value: number, factors: number[]) =>
    factors.some((factor) => [...seen].some((one) => isSame(one, value * factor)));
  const times = [...item.matchAll(CLOCK)].flatMap(([text, hour, minute]) =>
    evidence.includes(text) || evidence.includes(`${Number(minute)} ${Number(hour)} * * `) ? [] : [text],
  );
  const spoken = item.replace(CLOCK, " ").replace(NAME, " ");
  const figures = [...spoken.matchAll(FIGURE)].flatMap(([text, digits = "", unit = ""]) => {
    const known = UNITS.find(([pattern]) => pattern.test(unit.toLowerCase()));
    return has(figureOf(digits), known?.[1] ?? [1]) ? [] : [known ? text.trim() : digits];
  });
  const counts = [...item.matchAll(COUNTED)].flatMap(([text]) => {
    const count = COUNTS.indexOf(text.toLowerCase());
    const told = new RegExp(`\\b${text}\\b`, "i").test(evidence);
    return observations === count || has(count, [1]) || told ? [] : [text];
  });
  const plain = normal(evidence);
  const names = [...item.matchAll(NAME)].flatMap(([text, code]) =>
    plain.includes(normal(code ?? text)) ? [] : [code ?? text],
  );
  return [...new Set([...figures, ...times, ...counts, ...names])];
}

function figureOf(text: string): number {
  return Number(text.replaceAll(",", ""));
}

function isSame(one: number, other: number): boolean {
  return Math.abs(one - other) <= Math.abs(other) * 1e-9;
}

/** Evidence spells names as ids do: `queue_jobs` is `queue-jobs` there. */
function normal(text: string): string {
  return text.toLowerCase().replaceAll("_", "-");
}
