// The process of a `Session`: runs each command that it is sent, as the engine's own `main.ts` does, and answers with how it ended.
import { main } from "../../local/engine/command/dispatch.ts";

process.on("message", async (args: string[]) => {
  const printed = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    process[name].write = (text: string | Uint8Array) => {
      printed[name] += text;
      return true;
    };
  const code = await main(args, process.env);
  process.send?.({ code, ...printed });
});
process.once("disconnect", () => process.exit());
