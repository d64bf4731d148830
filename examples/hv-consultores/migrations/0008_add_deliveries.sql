-- Webhook receivers that people register, and a row for everything that left the system: mail, Slack, webhook.

CREATE TABLE webhook_endpoints (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  usuario_id uuid NOT NULL,
  url text NOT NULL CHECK (url ~ '^https?://'),
  secreto_cifrado text NOT NULL, -- AES-256-GCM under ENCRYPTION_KEY, written as version:iv:tag:text
  creado_en timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE deliveries (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  usuario_id uuid,
  job_id uuid NOT NULL,
  canal text NOT NULL CHECK (canal IN ('email', 'slack', 'webhook')),
  destino text NOT NULL, -- address or host, never a URL with its secret
  estado text NOT NULL CHECK (estado IN ('success', 'failed')),
  respuesta text NOT NULL,
  creado_en timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX idx_webhook_endpoints_usuario ON webhook_endpoints (usuario_id);
CREATE INDEX idx_deliveries_job ON deliveries (job_id);
CREATE INDEX idx_deliveries_creado ON deliveries (creado_en);

ALTER TABLE webhook_endpoints ENABLE ROW LEVEL SECURITY;
ALTER TABLE deliveries ENABLE ROW LEVEL SECURITY;

CREATE POLICY webhook_endpoints_propios ON webhook_endpoints FOR ALL
  USING (usuario_id::text = (SELECT NULLIF(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'));
CREATE POLICY webhook_endpoints_servicio ON webhook_endpoints FOR ALL
  USING ((SELECT NULLIF(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role') = 'service_role');
CREATE POLICY deliveries_propias ON deliveries FOR SELECT
  USING (usuario_id::text = (SELECT NULLIF(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'));
CREATE POLICY deliveries_servicio ON deliveries FOR ALL
  USING ((SELECT NULLIF(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role') = 'service_role');

-- verify
SELECT bool_and(relrowsecurity) FROM pg_class
WHERE oid IN ('webhook_endpoints'::regclass, 'deliveries'::regclass);
