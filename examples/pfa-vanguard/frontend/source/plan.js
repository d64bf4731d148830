// The plan's records, the state of the sync, and the button that syncs a record now.
import { read, send } from "./api.js";
import { button, element, table } from "./elements.js";

/** @param refresh draws everything again. */
export async function plan(refresh) {
  const [{ records }, status] = await Promise.all([read("/api/pfa"), read("/api/sync/status")]);
  document.querySelector("#sync-state").textContent = `Auto sync ${status.auto_sync ? "on" : "off"}`;
  const rows = records.map((record) => [
    record.id,
    record.equipment,
    record.forecast_cost,
    record.forecast_end,
    button("Sync", async () => {
      await send("POST", "/api/sync", { record_id: record.id });
      await refresh();
    }),
  ]);
  const heading = element("h2", {}, "Plan, forecast, actuals");
  const grid = table(["Record", "Equipment", "Forecast cost", "Forecast end", ""], rows);
  grid.id = "records";
  return [element("section", {}, heading, grid)];
}
