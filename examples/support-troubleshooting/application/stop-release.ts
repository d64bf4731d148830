// Stops the application and forgets it; succeeds also when it does not run.
import { runCommand, stopRelease } from "../../parts/release.ts";
import { release } from "./release.ts";

const names = release.processes.map(({ name }) => name);
await runCommand((environment) => stopRelease(names, environment));
