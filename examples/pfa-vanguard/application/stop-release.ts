// Stops agent, worker, backend and the stand-in and forgets them; succeeds also when they do not run.
import { runCommand, stopRelease } from "../../parts/release.ts";
import { releaseOf } from "./release.ts";

const names = [...releaseOf(true).processes.map(({ name }) => name), "pfa-vanguard-agent"];
await runCommand((environment) => stopRelease(names.reverse(), environment));
