// One text for the whole catalog of a database: equal texts, equal schemas.
import { withDatabase } from "../../../checks/database.ts";
import { readCatalog } from "../../../checks/schema/catalog.ts";

/** All objects of the schema public but the history table. */
export async function catalogText(url: string): Promise<string> {
  const session = { application: "test catalog", signal: new AbortController().signal };
  const catalog = await withDatabase(url, session, (client) => readCatalog(client, ["public"]));
  return JSON.stringify(catalog, (_key, value: unknown) =>
    Array.isArray(value)
      ? value.filter((item) => !JSON.stringify(item).includes("greenlight_migrations"))
      : value,
  );
}
