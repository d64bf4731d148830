// Applies a folder of migrations as one process: what the benchmark times. Address in DATABASE_URL, folder as argument.
import { withDatabase } from "../checks/database.ts";
import { readMigrations } from "../checks/migrations/directory.ts";
import { migrateUp } from "../checks/migrations/up.ts";

const { signal } = new AbortController();
const result = await withDatabase(
  process.env.DATABASE_URL ?? "",
  { application: "bench", signal },
  (client) =>
    migrateUp(client, readMigrations(process.argv[2] ?? "."), {
      place: { schema: "public", table: "greenlight_migrations" },
      lockTimeoutSeconds: 2,
      lockWaitSeconds: 10,
      statementTimeoutSeconds: 60,
      outOfOrder: "refuse",
      gaps: "refuse",
      release: "bench",
      signal,
      log: () => {},
    }),
);
if (result.failure) throw result.failure;
