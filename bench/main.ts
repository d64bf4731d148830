// `npm run bench [-- SUITE...] [--rounds N]`: each job beside its peers in one run, as ratios.
import { parseArgs } from "node:util";
import { servicesEnvironment, startServices, stopServices } from "../local/services/services.ts";
import { benchBackup } from "./backup.ts";
import { benchEngine } from "./engine.ts";
import { benchLatency } from "./latency.ts";
import { benchMigrations } from "./migrations.ts";
import { benchRehearsal } from "./rehearsal.ts";
import { benchSite } from "./site.ts";
import { benchSystems } from "./systems.ts";

const SUITES = ["engine", "migrations", "backup", "rehearsal", "site", "latency", "systems"];
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
if (["migrations", "backup", "rehearsal", "site"].some((suite) => chosen.includes(suite))) {
  const services = await startServices();
  const environment = servicesEnvironment(services);
  try {
    if (chosen.includes("migrations")) console.log(await benchMigrations(services, environment, rounds));
    if (chosen.includes("backup")) console.log(await benchBackup(services, environment, rounds));
    if (chosen.includes("rehearsal")) console.log(await benchRehearsal(services, environment, rounds));
    if (chosen.includes("site")) console.log(await benchSite(environment, rounds));
  } finally {
    await stopServices();
  }
}
if (chosen.includes("systems")) console.log(await benchSystems());
