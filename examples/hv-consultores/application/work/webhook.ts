// Sends an event to a receiver that its owner registered.
import { service } from "../../../parts/database.ts";
import { createEncryption } from "../../../parts/encryption.ts";
import type { Job } from "../queue/job.ts";
import type { System } from "../system.ts";

interface Endpoint {
  url: string;
  secreto_cifrado: string;
}

export async function sendWebhook(
  system: System,
  job: Job,
  request: { endpoint_id: string; evento: string; datos: Record<string, unknown> },
  signal: AbortSignal,
): Promise<string> {
  // The owner is compared here because the service's claims see every person's receivers.
  const [endpoint] = await system.database.query<Endpoint>(
    service,
    "SELECT url, secreto_cifrado FROM webhook_endpoints WHERE id = $1 AND usuario_id = $2",
    [request.endpoint_id, job.usuario_id],
  );
  if (!endpoint) throw new Error(`webhook "${request.endpoint_id}": not found; register the receiver again`);
  const secret = createEncryption(system.settings.encryptionKey, "hv-consultores").decrypt(
    endpoint.secreto_cifrado,
  );
  const message = {
    url: endpoint.url,
    secret,
    prefix: "hv",
    id: job.id,
    event: request.evento,
    data: request.datos,
  };
  return await system.deliveries.webhook({ jobId: job.id, userId: job.usuario_id }, message, signal);
}
