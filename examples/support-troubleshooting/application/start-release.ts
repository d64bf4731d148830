// The release command: starts the application, or replaces the running one without a gap, and waits until the new
// release answers. Environment: that of main.ts, and PM2_HOME.
import { runCommand, startRelease } from "../../parts/release.ts";
import { release } from "./release.ts";

await runCommand((environment) => startRelease(release, environment));
