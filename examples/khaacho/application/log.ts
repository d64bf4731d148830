// The application's two logs: `application.log` with everything, and `error-YYYY-MM-DD.log` with errors and their stacks.
import { join } from "node:path";
import { type Level, type Log, type Logger, openLog } from "../../parts/log.ts";
import type { Faults } from "./faults.ts";

const MEGABYTES_10 = 10 * 1024 * 1024;

/** @param folder of both files. */
export function openLogs(folder: string, level: Level, secrets: readonly string[], faults: Faults): Log {
  const limits = { maxBytes: MEGABYTES_10, maxFiles: 30 };
  const day = new Date().toISOString().slice(0, 10);
  const all = openLog({ file: join(folder, "application.log"), level, ...limits }, secrets, faults);
  const errors = openLog(
    { file: join(folder, `error-${day}.log`), level: "error", ...limits },
    secrets,
    faults,
  );
  return {
    component(name): Logger {
      const [line, error] = [all.component(name), errors.component(name)];
      return {
        ...line,
        error(message, metadata) {
          line.error(message, metadata);
          if (!faults.has("error-log-off")) error.error(message, metadata);
        },
      };
    },
    async close() {
      await all.close();
      await errors.close();
    },
  };
}
