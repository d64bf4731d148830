// The command line beside `pulumi`: what it does not do, such as the local services.

import { type Command, UsageError } from "./command.ts";
import { doctor } from "./commands/doctor.ts";
import { local } from "./commands/local.ts";

const commands: Command[] = [local, doctor];

async function main(args: string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === "help" || name === "--help" || name === "-h") return help(rest[0]);
  const command = commands.find((known) => known.name === name);
  if (command === undefined) return unknown(name);
  if (rest.includes("--help") || rest.includes("-h")) return help(name);
  try {
    return await command.run(rest);
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`greenlight ${name}: ${error.message}\n\n${command.usage}\n`);
      return 2;
    }
    process.stderr.write(`greenlight ${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

function help(name: string | undefined): number {
  if (name === undefined) {
    const width = Math.max(...commands.map((command) => command.name.length));
    const list = commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`).join("\n");
    process.stdout.write(
      `usage: greenlight COMMAND [ARGUMENT...]\n\n${list}\n\ngreenlight help COMMAND tells more.\n`,
    );
    return 0;
  }
  const command = commands.find((known) => known.name === name);
  if (command === undefined) return unknown(name);
  process.stdout.write(`${command.usage}\n`);
  return 0;
}

function unknown(name: string): number {
  const known = commands.map((command) => command.name).join(", ");
  process.stderr.write(`greenlight: no command "${name}"; there are ${known}\n`);
  return 2;
}

process.exitCode = await main(process.argv.slice(2));
