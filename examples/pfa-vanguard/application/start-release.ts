// The release command, in the checklist's order: everything is judged first, the worker and the backend are stopped, the
// backend is started and answers, then the worker. What can be prepared is done before the backend stops, so that its
// downtime is short. Environment: RELEASE_VERSION, BACKEND_PORT, WORKER_PORT, APP_SECRET_ID, PM2_HOME; PEMS_PORT for the stand-in.
import { findProcess, pm2 } from "../../parts/pm2.ts";
import { ecosystemOf, prepareRelease, runCommand, waitForRelease } from "../../parts/release.ts";
import { backend, releaseOf, standIn, worker } from "./release.ts";

await runCommand(async (environment) => {
  const parts = releaseOf(environment.PEMS_PORT !== undefined);
  const given = await prepareRelease(parts, environment);
  const start = async (one: typeof backend) => {
    await pm2(given, "start", ecosystemOf(parts), "--only", one.name, "--update-env");
    await waitForRelease(one, environment, given);
  };
  // The stand-in first, with the keys of today; it is nobody's downtime.
  if (parts.processes.includes(standIn)) {
    if (await findProcess(given, standIn.name)) await pm2(given, "delete", standIn.name);
    await start(standIn);
  }
  for (const { name } of [worker, backend])
    if (await findProcess(given, name)) await pm2(given, "delete", name);
  await start(backend);
  await start(worker);
  if (environment.AGENT_SECRET_ID)
    await pm2(given, "startOrReload", ecosystemOf(parts), "--only", "pfa-vanguard-agent", "--update-env");
});
