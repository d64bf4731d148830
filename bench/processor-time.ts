// Loaded into Node processes that are measured: at its end each adds a line with its script and the processor seconds that it
// took to the file named by the variable.
import { appendFileSync } from "node:fs";

/** Variable with the file's path. */
const FILE = "GREENLIGHT_BENCH_TIMES";

process.once("exit", () => {
  const { user, system } = process.cpuUsage();
  const file = process.env[FILE];
  if (file) appendFileSync(file, `${process.argv[1]} ${((user + system) / 1e6).toFixed(3)}\n`);
});
