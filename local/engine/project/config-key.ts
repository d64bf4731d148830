// Configuration keys `namespace:name`, and the paths of `--path` inside them.
import { Failure } from "../state/failure.ts";

/** Completes a key: `name` is in the project's namespace, `ns:config:name` is `ns:name`. @throws Failure otherwise. */
export function parseConfigKey(text: string, project: string): string {
  const parts = text.split(":");
  const [first = "", second = "", third = ""] = parts;
  if (parts.length === 1 && first) return `${project}:${first}`;
  if (parts.length === 2 && first && second) return `${first}:${second}`;
  if (parts.length === 3 && first && second === "config" && third) return `${first}:${third}`;
  throw new Failure(`configuration key "${text}": want NAME or NAMESPACE:NAME`);
}

/** A path such as `tree.list[0]["a.b"]` as its steps: texts and indices. @throws Failure on a malformed path. */
export function parseConfigPath(text: string): (string | number)[] {
  const steps: (string | number)[] = [];
  const malformed = () => new Failure(`configuration path "${text}": malformed; want e.g. names[0].first`);
  let rest = text;
  while (rest.length > 0) {
    const match =
      /^\["((?:[^"\\]|\\.)*)"\]/.exec(rest) ?? /^\[(\d+)\]/.exec(rest) ?? /^\.?([^.[\]"]+)/.exec(rest);
    const [whole, step] = match ?? [];
    if (whole === undefined || step === undefined || (whole.startsWith(".") && steps.length === 0))
      throw malformed();
    if (whole.startsWith('["')) steps.push(JSON.parse(whole.slice(1, -1)));
    else if (whole.startsWith("[")) steps.push(requireIndex(step, malformed));
    else steps.push(step);
    rest = rest.slice(whole.length);
    if (rest === ".") throw malformed();
  }
  if (steps.length === 0 || typeof steps[0] === "number") throw malformed();
  return steps;
}

function requireIndex(digits: string, malformed: () => Failure): number {
  const index = Number(digits);
  if (!Number.isSafeInteger(index)) throw malformed();
  return index;
}
