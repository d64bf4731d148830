// Everything the application's parts share: opened once at the start, closed in the reverse order.
import { type Core, type Identity, openCore } from "../../parts/core.ts";
import { type Database, service } from "../../parts/database.ts";
import { createDeliveries, type Deliveries } from "./delivery/deliveries.ts";
import type { Faults } from "./faults.ts";
import { createFeatures, type Features } from "./features.ts";
import { createMetrics, type Metrics } from "./metrics.ts";
import type { Settings } from "./settings.ts";

export interface System extends Omit<Core<Faults>, "metrics"> {
  settings: Settings;
  metrics: Metrics;
  features: Features;
  deliveries: Deliveries;
}

/** @throws when the database or the cache does not answer: a process that cannot work must not report itself ready. */
export async function openSystem(settings: Settings, faults: Faults, identity: Identity): Promise<System> {
  const given = { ...settings, name: "hv-consultores", prefix: "hv" };
  const core = await openCore(given, faults, identity);
  const { database } = core;
  const metrics = createMetrics(core.metrics, () => countByState(database), faults);
  const deliveries = createDeliveries(settings, database, metrics, faults);
  return {
    ...core,
    settings,
    metrics,
    features: createFeatures(settings, database),
    deliveries,
    async close() {
      deliveries.close();
      await core.close();
    },
  };
}

/** Every state is in the answer, also with no job in it. */
export async function countByState(database: Database): Promise<Map<string, number>> {
  const text = "SELECT estado, total::integer AS total FROM contar_trabajos_por_estado()";
  const rows = await database.query<{ estado: string; total: number }>(service, text);
  return new Map(rows.map((row) => [row.estado, row.total]));
}
