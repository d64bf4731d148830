// The entry point of the backend that a process manager runs.
import { runProcess } from "../../parts/process.ts";
import { start } from "./main.ts";

await runProcess(start);
