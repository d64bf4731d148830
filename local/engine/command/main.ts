// The command line of the embedded engine: finds the command, reads its flags, turns errors into exit codes.
// Loads nothing but the command that is asked for: starting takes longer than most commands.
import { enableCompileCache } from "node:module";
import { join } from "node:path";

enableCompileCache(join(import.meta.dirname, "../../../node_modules/.cache/greenlight-engine"));

const { main } = await import("./dispatch.ts");
process.exitCode = await main(process.argv.slice(2), process.env);
