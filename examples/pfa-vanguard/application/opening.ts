// What both processes open at their start: settings, log, database, cache, metrics.
import { type Core, openCore, readIdentity } from "../../parts/core.ts";
import { readDefinitions } from "../../parts/environment.ts";
import { readFaults } from "../../parts/faults.ts";
import { loadVariables } from "../../parts/variables.ts";
import { type Faults, faultNames } from "./faults.ts";
import { readSettings, type Settings } from "./settings.ts";

export const definitionsFile = new URL("../environment.yaml", import.meta.url);

export interface System extends Core<Faults> {
  settings: Settings;
}

/**
 * @param prefix of the process's metrics, e.g. `pfa`.
 * @throws with a line for each variable that is missing or malformed, or when a store does not answer.
 */
export async function openSystem(
  environment: NodeJS.ProcessEnv,
  name: string,
  prefix: string,
): Promise<System> {
  const faults: Faults = readFaults(faultNames, environment.FAULTS);
  const settings = readSettings(await readDefinitions(definitionsFile), await loadVariables(environment));
  const log = { ...settings.log, file: settings.log.file.replace(/(\.log)?$/, `-${prefix}.log`) };
  const core = await openCore({ ...settings, log, name, prefix }, faults, readIdentity(environment));
  return { ...core, settings };
}
