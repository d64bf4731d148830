// `config set`: one value, from the command line or from standard input.
import { text as readAll } from "node:stream/consumers";
import { Failure } from "../state/failure.ts";
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
    const value =
      given ??
      (call.interactive ? await ask("value: ") : (await readAll(process.stdin)).replace(/\r?\n$/, ""));
    if (secret && call.flags.on("plaintext"))
      throw new Failure("--secret and --plaintext exclude each other");
    const crypter = secret ? await openStackCrypter(context, call) : undefined;
    assign(context, crypter, { key, value, secret, path: call.flags.on("path") });
    await context.file.write();
    return 0;
  },
};
