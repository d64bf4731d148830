// What the engine's command said when it failed. The Automation API's own text for it is the whole call, twice, with an inner code.

const ADVICE = [
  {
    when: /^no stack named .* found$/,
    advice: ", want one that there is; pulumi stack ls lists them, pulumi stack init makes one",
  },
  {
    when: /^no backend chosen/,
    advice: '; a stack on the local services has it from eval "$(npx greenlight local env)"',
  },
];

/** The engine's errors; the message of any other error. @param error what a command or the Automation API threw */
export function pulumiError(error: Error): string {
  const said = stderrOf(error);
  if (said === undefined) return error.message;
  const [, ...errors] = said.trim().split(/^error: /m);
  const told = errors.map((one) => one.trim()).join("; ");
  if (told === "") return said.trim() || error.message;
  const advice = ADVICE.find(({ when }) => when.test(told))?.advice ?? "";
  return `${told}${advice}`;
}

function stderrOf(error: Error): string | undefined {
  // Its class would have to be loaded, which costs more than most commands.
  if (!("commandResult" in error)) return undefined;
  const { commandResult: result } = error;
  return result !== null && typeof result === "object" && "stderr" in result
    ? String(result.stderr)
    : undefined;
}
