// `npm run bench [-- engine|migrations|backup|latency] [--rounds N]`: each job beside its peers in one run, as ratios.
import { parseArgs } from "node:util";
import { servicesEnvironment, startServices, stopServices } from "../local/services/services.ts";
import { benchBackup } from "./backup.ts";
import { benchEngine } from "./engine.ts";
import { benchLatency } from "./latency.ts";
import { benchMigrations } from "./migrations.ts";

const SUITES = ["engine", "migrations", "backup", "latency"];
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string", default: "5" } },
});
const rounds = Number(values.rounds);
const chosen = positionals.length > 0 ? positionals : SUITES;
const unknown = chosen.filter((suite) => !SUITES.includes(suite));
if (unknown.length > 0 || !Number.isInteger(rounds) || rounds < 1) {
  throw new Error(
    `usage: npm run bench -- [${SUITES.join("|")}] [--rounds N]; got ${process.argv.slice(2).join(" ")}`,
  );
}

if (chosen.includes("engine")) console.log(await benchEngine(rounds));
if (chosen.includes("latency")) console.log(await benchLatency(rounds));
if (chosen.includes("migrations") || chosen.includes("backup")) {
  const services = await startServices();
  const environment = servicesEnvironment(services);
  try {
    if (chosen.includes("migrations")) console.log(await benchMigrations(services, environment, rounds));
    if (chosen.includes("backup")) console.log(await benchBackup(services, environment, rounds));
  } finally {
    await stopServices();
  }
}
