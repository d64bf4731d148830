// `config set`: one value, from the command line or from standard input.
import { text as readAll } from "node:stream/consumers";
import { EXIT, Failure } from "../state/failure.ts";
import { type Command, stackFlag } from "./command.ts";
import { assign } from "./config-write.ts";
import { ask } from "./confirm.ts";
import { openStackContext, openStackCrypter } from "./context.ts";

export const command: Command = {
  usage: "config set KEY [VALUE]",
  summary: "Sets one configuration value; without VALUE it is read from standard input.",
  flags: {
    ...stackFlag,
    secret: { kind: "boolean", help: "encrypt the value" },
    plaintext: { kind: "boolean", help: "keep the value as it is" },
    path: { kind: "boolean", help: "the key is a path into an object" },
    "config-file": { kind: "text", help: "use this configuration file" },
  },
  refused: ["type"],
  arguments: [1, 2],
  async run(call) {
    const context = await openStackContext(call);
    const [key = "", given] = call.args;
    const secret = call.flags.on("secret");
    const value = given ?? (await valueFrom(call.interactive, secret));
    if (secret && call.flags.on("plaintext"))
      throw new Failure("--secret and --plaintext exclude each other");
    const crypter = secret ? await openStackCrypter(context, call) : undefined;
    assign(context, crypter, { key, value, secret, path: call.flags.on("path") });
    await context.file.write();
    return 0;
  },
};

/** The value from the terminal, unseen where it is secret, or else from what standard input is. @throws Failure when there is none */
async function valueFrom(interactive: boolean, secret: boolean): Promise<string> {
  if (!process.stdin.isTTY) return (await readAll(process.stdin)).replace(/\r?\n$/, "");
  if (!interactive) throw new Failure("config value must be specified in non-interactive mode", EXIT.usage);
  const typed = await ask("value: ", secret);
  if (typed === undefined) throw new Failure("no value was given; nothing was changed");
  return typed;
}
