// The entry point that a process manager runs.
import { runProcess } from "../../parts/process.ts";
import { start } from "./main.ts";
import { bindToProcessor } from "./processors.ts";

bindToProcessor(Number(process.env.NODE_APP_INSTANCE ?? 0));
await runProcess(start);
