// One set of real local services for a whole test run: PostgreSQL, Valkey, AWS emulator, mail and webhook sink.
//
//     const services = await sharedServices();
//     const environment = servicesEnvironment(services);   // from local/services/services.ts
//
// The first test file that asks starts it (a second or two), every other one gets the same set, and the run's end stops
// and deletes it (services-setup.ts). All files share it: take names of your own for databases, buckets, keys and hooks,
// and leave settings that belong to everybody (CONFIG SET, ALTER SYSTEM, account-wide AWS settings) as they are.
// Tests that stop or break services start a set of their own: `startServices({ directory: ownDirectory("label") })`.

import { type Services, startServices } from "../../local/services/services.ts";

/** The variable by which the run's set-up tells its test files the folder of the shared set. */
export const directoryVariable = "GREENLIGHT_TEST_DIRECTORY";

let shared: Promise<Services> | undefined;

/** The run's services, started when they are not yet. @throws outside of a vitest run, where nobody would stop them. */
export function sharedServices(): Promise<Services> {
  shared ??= start();
  return shared;
}

/** A folder for a set of a test file's own; the run's end removes that set too. */
export function ownDirectory(label: string): string {
  return `${runDirectory()}.${label}`;
}

async function start(): Promise<Services> {
  return await startServices({ directory: runDirectory() });
}

function runDirectory(): string {
  const directory = process.env[directoryVariable];
  if (directory === undefined) {
    throw new Error(
      `shared services: ${directoryVariable} is not set; run the test with vitest from the project's root`,
    );
  }
  return directory;
}
