// The entry point of the sync worker that a process manager runs.
import { runProcess } from "../../../parts/process.ts";
import { start } from "./main.ts";

await runProcess(start);
