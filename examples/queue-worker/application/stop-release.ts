// Stops the replicas and forgets them; succeeds also when they do not run.
import { runCommand, stopRelease } from "../../parts/release.ts";
import { release } from "./release.ts";

const names = release.processes.map(({ name }) => name);
await runCommand((environment) => stopRelease(names, environment));
