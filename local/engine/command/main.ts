// The command line of the embedded engine: finds the command, reads its flags, turns errors into exit codes.
// Loads nothing but the command that is asked for: starting takes longer than most commands.
import { outliveReader } from "../../gone-reader.ts";
import { keepFromProxy } from "../../proxy.ts";
import { main } from "./dispatch.ts";

keepFromProxy(process.env);
outliveReader();

const code = await main(process.argv.slice(2), process.env);
// Nothing that a plugin or a stream left open keeps the process; what was printed is out first.
process.stdout.write("", () => process.exit(code));
