// The command line beside `pulumi`: what it does not do, such as the local services.

import { outliveReader } from "../local/gone-reader.ts";
import { keepFromProxy } from "../local/proxy.ts";
import { type Command, isWrongCall } from "./command.ts";
import { pulumiError } from "./pulumi-error.ts";

keepFromProxy(process.env);
outliveReader();

/** A command by name; its code is loaded when it is asked for, since some of it is slow to load. */
interface Entry {
  name: string;
  summary: string;
  load(): Promise<Command>;
}

const commands: Entry[] = [
  {
    name: "preview",
    summary: "a preview's findings as one document, for a pull request",
    load: async () => (await import("./commands/preview.ts")).preview,
  },
  {
    name: "up",
    summary: "an update with its report, and the way back when a trigger comes true",
    load: async () => (await import("./commands/up.ts")).up,
  },
  {
    name: "report",
    summary: "the evidence of a stack's last update as a page",
    load: async () => (await import("./commands/report.ts")).report,
  },
  {
    name: "watch",
    summary: "goes on watching a release after its update",
    load: async () => (await import("./commands/watch.ts")).watch,
  },
  {
    name: "sign",
    summary: "signs a decision on what a stack would deploy",
    load: async () => (await import("./commands/sign.ts")).sign,
  },
  {
    name: "rollback",
    summary: "back to a recorded release, plan first",
    load: async () => (await import("./commands/rollback.ts")).rollback,
  },
  {
    name: "backup",
    summary: "backups by the stack's plan, beside the application",
    load: async () => (await import("./commands/backup.ts")).backup,
  },
  {
    name: "record",
    summary: "the record of an update that failed",
    load: async () => (await import("./commands/record.ts")).record,
  },
  {
    name: "history",
    summary: "the release records of a stack",
    load: async () => (await import("./commands/history.ts")).history,
  },
  {
    name: "verify",
    summary: "whether release records are what was written and signed",
    load: async () => (await import("./commands/verify.ts")).verify,
  },
  {
    name: "migrate",
    summary: "database migrations by hand: status, lint, up, down, verify, adopt",
    load: async () => (await import("./commands/migrate.ts")).migrate,
  },
  {
    name: "agent",
    summary: "writes the metrics that alarms read, and ships the application's log",
    load: async () => (await import("./commands/agent.ts")).agent,
  },
  {
    name: "grafana",
    summary: "the stack's dashboards as files for Grafana",
    load: async () => (await import("./commands/grafana.ts")).grafana,
  },
  {
    name: "local",
    summary: "starts, stops and shows the local services",
    load: async () => (await import("./commands/local.ts")).local,
  },
  {
    name: "doctor",
    summary: "what is missing on this machine and how to get it",
    load: async () => (await import("./commands/doctor.ts")).doctor,
  },
];

async function main(args: string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "help" || name === "--help" || name === "-h") return help(rest[0]);
  const entry = commands.find((known) => known.name === name);
  if (entry === undefined) return unknown(name);
  if (rest.includes("--help") || rest.includes("-h")) return help(name);
  const command = await entry.load();
  try {
    return await command.run(rest);
  } catch (error) {
    const message = error instanceof Error ? pulumiError(error) : String(error);
    const isUsage = isWrongCall(error);
    process.stderr.write(`greenlight ${name}: ${message}\n${isUsage ? `\n${command.usage}\n` : ""}`);
    return isUsage ? 2 : 1;
  }
}

async function help(name: string | undefined): Promise<number> {
  if (name === undefined) {
    const width = Math.max(...commands.map((command) => command.name.length));
    const list = commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`).join("\n");
    process.stdout.write(
      `usage: greenlight COMMAND [ARGUMENT...]\n\n${list}\n\ngreenlight help COMMAND tells more.\n`,
    );
    return 0;
  }
  const entry = commands.find((known) => known.name === name);
  if (entry === undefined) return unknown(name);
  process.stdout.write(`${(await entry.load()).usage}\n`);
  return 0;
}

function unknown(name: string): number {
  const known = commands.map((command) => command.name).join(", ");
  process.stderr.write(`greenlight: no command "${name}"; there are ${known}\n`);
  return 2;
}

process.exitCode = await main(process.argv.slice(2));
