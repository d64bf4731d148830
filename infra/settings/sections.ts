// Every section of a stack file, by its name after `greenlight:`. A component or step exists only if its section does.
import type { z } from "zod";
import { alarms } from "./sections/alarms.ts";
import { application, release, site } from "./sections/application.ts";
import { backup, cache, database } from "./sections/data.ts";
import { logs, network, system } from "./sections/system.ts";

/** The schemas, in the order of one deployment. */
export const sections = () => ({
  system: system(),
  network: network(),
  logs: logs(),
  database: database(),
  backup: backup(),
  cache: cache(),
  application: application(),
  release: release(),
  site: site(),
  alarms: alarms(),
});

export type Sections = ReturnType<typeof sections>;
export type SectionName = keyof Sections;

/** The only section that every stack has. */
export const REQUIRED: SectionName[] = ["system"];

/** A section after parsing: defaults filled in, secrets wrapped. */
export type Section<Name extends SectionName> = z.output<Sections[Name]>;

/** Where a section needs another one, and why. */
export const NEEDS: { [Name in SectionName]?: { [Other in SectionName]?: string } } = {
  cache: { network: "the cache lives in a private network" },
};
