// The scratch databases that a test left on the server that all tests share.
import { withDatabase } from "../../checks/database.ts";
import { waitUntil } from "../../checks/wait.ts";

const WITHIN_SECONDS = 60;

/** Names that stay. Those of tests that run at the same time come and go, so each that is there now is given time to go. */
export async function scratchDatabasesLeft(adminUrl: string): Promise<string[]> {
  const signal = AbortSignal.timeout(2 * WITHIN_SECONDS * 1000);
  const names = () =>
    withDatabase(adminUrl, { application: "test", signal }, async (client) => {
      const { rows } = await client.query<{ datname: string }>(
        "select datname from pg_database where datname like 'greenlight_restore%' order by 1",
      );
      return rows.map(({ datname }) => datname);
    });
  const seen = await names();
  if (seen.length === 0) return [];
  const left = await waitUntil(
    async () => {
      const now = await names();
      return seen.filter((name) => now.includes(name));
    },
    (staying) => staying.length === 0,
    { withinSeconds: WITHIN_SECONDS, everySeconds: 0.25, signal },
  );
  return left.value;
}
