// The thread in which requests are sent and timed; see drive.ts.
import { parentPort, workerData } from "node:worker_threads";
import { drive } from "./drive.ts";

parentPort?.postMessage(await drive(workerData));
