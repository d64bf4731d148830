// From words to a command. The table names a module for each, loaded only when called.
import { EXIT, Failure, notSupported } from "../state/failure.ts";
import { type Command, globalFlags, print, refusedGlobalFlags } from "./command.ts";
import { parseFlags } from "./flags.ts";

type Loader = () => Promise<{ command: Command }>;

const COMMANDS: { readonly [words: string]: Loader } = {
  cancel: () => import("./cancel.ts"),
  config: () => import("./config-list.ts"),
  "config get": () => import("./config-get.ts"),
  "config refresh": () => import("./config-refresh.ts"),
  "config rm": () => import("./config-rm.ts"),
  "config rm-all": () => import("./config-rm-all.ts"),
  "config set": () => import("./config-set.ts"),
  "config set-all": () => import("./config-set-all.ts"),
  destroy: () => import("./destroy.ts"),
  "plugin ls": () => import("./plugin-ls.ts"),
  preview: () => import("./preview.ts"),
  refresh: () => import("./refresh.ts"),
  stack: () => import("./stack-show.ts"),
  "stack export": () => import("./stack-export.ts"),
  "stack history": () => import("./stack-history.ts"),
  "stack import": () => import("./stack-import.ts"),
  "stack init": () => import("./stack-init.ts"),
  "stack ls": () => import("./stack-ls.ts"),
  "stack output": () => import("./stack-output.ts"),
  "stack rename": () => import("./stack-rename.ts"),
  "stack rm": () => import("./stack-rm.ts"),
  "stack select": () => import("./stack-select.ts"),
  "stack tag get": () => import("./stack-tag-get.ts"),
  "stack tag ls": () => import("./stack-tag-ls.ts"),
  "stack tag rm": () => import("./stack-tag-rm.ts"),
  "stack tag set": () => import("./stack-tag-set.ts"),
  "state unprotect": () => import("./state-unprotect.ts"),
  up: () => import("./up.ts"),
  version: () => import("./version.ts"),
  whoami: () => import("./whoami.ts"),
};

const ALIASES: { readonly [words: string]: string } = {
  down: "destroy",
  dn: "destroy",
  history: "stack history",
  pre: "preview",
  "stack delete": "stack rm",
  "stack list": "stack ls",
  update: "up",
  "config delete": "config rm",
};

// Commands of the official command line that have no counterpart here.
const REFUSED = [
  ..."about ai api auth console convert deployment do env events gen-completion import insights install login".split(
    " ",
  ),
  ..."logout logs neo new org package plugin policy project replay-events schema state template trace watch".split(
    " ",
  ),
  ...[
    "config cp",
    "config env",
    "config rotate",
    "stack change-secrets-provider",
    "stack graph",
    "stack unselect",
  ],
  ...[
    "stack schedule",
    "stack webhook",
    "stack get",
    "stack drift",
    "plugin install",
    "plugin rm",
    "plugin run",
  ],
];

/** Runs one command line. Returns its exit code; errors are printed. */
export async function main(argv: readonly string[], environment: NodeJS.ProcessEnv): Promise<number> {
  try {
    const { command, rest } = await findCommand(argv);
    if (!command) return 0;
    const table = { ...globalFlags, ...command.flags };
    const { flags, positionals } = parseFlags(
      rest,
      table,
      [...refusedGlobalFlags, ...command.refused],
      environment,
    );
    if (flags.on("help")) {
      const { renderHelp } = await import("./help.ts");
      print(renderHelp(command));
      return 0;
    }
    requireArguments(command, positionals.length);
    const folder = flags.text("cwd");
    if (folder !== undefined) changeFolder(folder);
    const interactive =
      !flags.on("non-interactive") && process.stdin.isTTY === true && process.stdout.isTTY === true;
    return await command.run({ flags, args: positionals, environment, interactive });
  } catch (error) {
    return report(error);
  }
}

async function findCommand(argv: readonly string[]): Promise<{ command?: Command; rest: string[] }> {
  const { words, rest } = splitWords(argv);
  for (let count = words.length; count > 0; count--) {
    const spoken = words.slice(0, count).join(" ");
    const name = ALIASES[spoken] ?? spoken;
    if (!Object.hasOwn(COMMANDS, name)) {
      if (REFUSED.includes(spoken)) throw notSupported(`command "${spoken}"`);
      continue;
    }
    const { command } = (await COMMANDS[name]?.()) ?? {};
    if (command) return { command, rest: [...rest(count)] };
  }
  if (words[0] !== undefined && words[0] !== "help")
    throw new Failure(`unknown command "${words[0]}" for "pulumi"`);
  if (argv.includes("--version")) return findCommand(["version"]);
  const { renderOverview } = await import("./help.ts");
  print(renderOverview(Object.keys(COMMANDS)));
  return { rest: [] };
}

// Words of the command may have flags before and between them: `-C dir stack --stack s output`.
function splitWords(argv: readonly string[]): { words: string[]; rest: (count: number) => string[] } {
  const places: number[] = [];
  for (let index = 0; index < argv.length && places.length < 3; index++) {
    const arg = argv[index] ?? "";
    if (arg === "--") break;
    if (!arg.startsWith("-")) places.push(index);
    else if (["-C", "--cwd", "-s", "--stack", "--color", "-v", "--verbose"].includes(arg)) index++;
  }
  return {
    words: places.map((place) => argv[place] ?? ""),
    rest: (count) => argv.filter((_, index) => !places.slice(0, count).includes(index)),
  };
}

function requireArguments(command: Command, count: number): void {
  const [least, most] = command.arguments;
  if (count < least) throw new Failure(`${command.usage}: got ${count} argument(s), want at least ${least}`);
  if (count > most) throw new Failure(`${command.usage}: got ${count} argument(s), want at most ${most}`);
}

function changeFolder(folder: string): void {
  try {
    process.chdir(folder);
  } catch (error) {
    throw new Failure(`folder "${folder}": cannot be entered; check -C`, EXIT.failed, { cause: error });
  }
}

// What the machine refuses to write; the message names the file.
const OF_THE_MACHINE = ["EACCES", "EDQUOT", "ENOSPC", "EPERM", "EROFS"];

function report(error: unknown): number {
  if (error instanceof Failure) {
    process.stderr.write(`error: ${error.message}\n`);
    return error.exitCode;
  }
  if (error instanceof Error && "code" in error && OF_THE_MACHINE.includes(String(error.code))) {
    process.stderr.write(`error: ${error.message}; want it writable for this user, on a disk with room\n`);
    return EXIT.failed;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`error: internal fault of the embedded engine: ${text}\n`);
  return EXIT.internal;
}
