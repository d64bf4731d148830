// Stops the application and forgets it; succeeds also when it does not run. pm2's daemon stays, as other
// applications may be under it.
import { applicationEnvironment, applicationName, findProcess, pm2 } from "./pm2.ts";

try {
  const given = applicationEnvironment(process.env);
  if (await findProcess(given)) await pm2(given, "delete", applicationName);
  console.log(`${applicationName}: stopped`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
