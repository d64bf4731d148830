// Stops worker, backend and the stand-in and forgets them; succeeds also when they do not run.
import { runCommand, stopRelease } from "../../parts/release.ts";
import { releaseOf } from "./release.ts";

const names = releaseOf(true).processes.map(({ name }) => name);
await runCommand((environment) => stopRelease(names.reverse(), environment));
