// Stops the replicas with agent and backups and forgets them; succeeds also when they do not run.
import { runCommand, stopRelease } from "../../parts/release.ts";
import { release } from "./release.ts";

const names = release.processes.flatMap(({ name }) => [name, `${name}-agent`, `${name}-backup`]);
await runCommand((environment) => stopRelease(names, environment));
