// The plan's records: read by everybody who logged in, changed by them; each change is a write for PEMS.
import { z } from "zod";
import { requireCaller } from "../../../parts/authentication.ts";
import { service } from "../../../parts/database.ts";
import { requireRow, type Server } from "../../../parts/routes.ts";
import type { System } from "../opening.ts";

export interface Stored {
  id: string;
  equipment: string;
  forecast_cost: string;
  forecast_end: string;
  version: number;
}

export const recordFields = "id, equipment, forecast_cost::text, forecast_end::text, version";
export const recordId = z.string().regex(/^PFA-\d{4,8}$/);

export function recordRoutes(server: Server, { database, faults }: System): void {
  const tags = ["records"];

  server.get("/api/pfa", { schema: { tags } }, async () => ({
    records: faults.has("records-empty")
      ? []
      : await database.query<Stored>(service, `SELECT ${recordFields} FROM pfa_records ORDER BY id`),
  }));

  const params = z.strictObject({ id: recordId });
  const body = z.strictObject({ forecast_cost: z.number().min(0).max(1e12).multipleOf(0.01) });
  server.patch("/api/pfa/:id", { schema: { tags, params, body } }, async (request) => {
    const caller = requireCaller(request);
    return await database.transaction(caller, async (transaction) => {
      const rows = await transaction.query<Stored>(
        `UPDATE pfa_records SET forecast_cost = $2, version = version + 1, updated_at = now()
         WHERE id = $1 RETURNING ${recordFields}`,
        [request.params.id, request.body.forecast_cost],
      );
      const record = requireRow(rows, "record", request.params.id);
      const queued = await transaction.query<{ id: string }>(
        `INSERT INTO pfa_write_queue (record_id, base_version, payload, requested_by) VALUES ($1, $2, $3, $4) RETURNING id`,
        [record.id, record.version - 1, payloadOf(record), caller.sub],
      );
      return { ...record, queue_id: requireRow(queued, "write", record.id).id };
    });
  });
}

/** What PEMS is told of a record. */
export function payloadOf(record: Stored) {
  const { equipment, forecast_cost, forecast_end } = record;
  return { equipment, forecast_cost, forecast_end };
}
