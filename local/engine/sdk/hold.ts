// Loaded into the SDK's scripts after the preload: loads the modules named by the arguments, then waits until the engine
// knows the real arguments and the environment, and puts them in place before the script starts.
import { closeSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";

/** The pipe that the engine opens for this. */
const ORDER = 3;

const require = createRequire(process.argv[1] ?? import.meta.filename);
for (const module of process.argv.splice(2)) {
  try {
    // Looked into, since the preload may have put off loading it until then.
    Reflect.has(require(module), "default");
  } catch {
    // Whoever really needs it will say so.
  }
}
const order = readFileSync(ORDER, "utf8");
closeSync(ORDER);
// Closed without an order: the run was given up, or the engine is gone.
if (order === "") process.exit();
const { args, environment }: { args: string[]; environment: NodeJS.ProcessEnv } = JSON.parse(order);
process.argv.push(...args);
Object.assign(process.env, environment);
