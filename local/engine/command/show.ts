// Which display a run gets: JSON, the property tree, a live table on a terminal, or lines.
import { makeUrn, STACK_TYPE } from "../core/urn.ts";
import type { Display, DisplayOptions } from "../display/display.ts";
import type { Call } from "./command.ts";
import type { StackContext } from "./context.ts";

/** The display that the flags and the terminal ask for. @param doing e.g. `Updating` */
export async function chooseDisplay(
  call: Call,
  { project, reference: { name } }: StackContext,
  doing: string,
  preview: boolean,
  config: { [key: string]: string } = {},
): Promise<Display> {
  const { flags, environment } = call;
  const terminal = process.stdout.isTTY === true && !flags.on("non-interactive");
  const options: DisplayOptions = {
    headline: `${doing} (${name}):`,
    stackUrn: makeUrn(name, project.name, undefined, STACK_TYPE, `${project.name}-${name}`),
    preview,
    colored: colorsWanted(flags.text("color"), terminal, environment),
    showOutputs: !flags.on("suppress-outputs"),
    showSames: flags.on("show-sames"),
    showReads: flags.on("show-reads"),
    write: (text) => void process.stdout.write(text),
  };
  if (flags.on("json")) {
    if (!preview) return new (await import("../display/events-json.ts")).EventsJsonDisplay(options.write);
    return new (await import("../display/preview-json.ts")).PreviewJsonDisplay(options.write, config);
  }
  if (flags.on("diff")) return new (await import("../display/diff.ts")).DiffDisplay(options);
  if (terminal && !flags.on("suppress-progress")) {
    const { columns = 80, rows = 24 } = process.stdout;
    return new (await import("../display/live.ts")).LiveDisplay(options, () => ({ columns, rows }));
  }
  return new (await import("../display/progress.ts")).ProgressDisplay(options);
}

function colorsWanted(
  choice: string | undefined,
  terminal: boolean,
  environment: NodeJS.ProcessEnv,
): boolean {
  if (choice === "always") return true;
  if (choice === "never" || choice === "raw" || environment.NO_COLOR) return false;
  return terminal;
}
