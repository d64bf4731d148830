// `greenlight migrate adopt`: takes a database over from the tool that migrated it so far.
import { adoptHistory, planAdoption } from "../../checks/migrations/adoption.ts";
import { UsageError } from "../command.ts";
import { filesOf, LIMITS, type Options, print, session } from "./options.ts";

export async function adopt(options: Options): Promise<number> {
  const { naming, place, from, yes, json } = options;
  if (naming === "greenlight") throw new UsageError("adopt needs --naming, the tool that migrated so far");
  const set = filesOf(options);
  return session(options, async (client, signal) => {
    const adoption = await planAdoption(client, set, naming, from);
    const { rows, refusals } = adoption;
    const written = yes && refusals.length === 0;
    if (written)
      await adoptHistory(client, place, adoption, {
        waitSeconds: LIMITS.lockWaitSeconds,
        signal,
        log: json ? () => {} : print,
      });
    if (json) {
      print(JSON.stringify({ from: adoption.place, taken: rows, refusals, written }));
      return refusals.length > 0 ? 1 : 0;
    }
    for (const refusal of refusals) print(`refused  ${refusal}`);
    for (const { version, name } of rows) print(`${written ? "taken" : "would take"}  ${version}  ${name}`);
    const pending = set.migrations.filter(({ version }) => !rows.some((row) => row.version === version));
    print(
      `${rows.length} of ${set.migrations.length} files from ${adoption.place.schema}.${adoption.place.table}, ${pending.length} stay pending`,
    );
    if (!written && refusals.length === 0) print("Add --yes to write it; then run greenlight migrate verify");
    return refusals.length > 0 ? 1 : 0;
  });
}
