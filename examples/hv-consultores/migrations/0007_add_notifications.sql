-- What a person is told inside the product.

CREATE TABLE notifications (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  usuario_id uuid NOT NULL,
  titulo text NOT NULL CHECK (length(titulo) BETWEEN 1 AND 200),
  mensaje text NOT NULL DEFAULT '',
  job_id uuid UNIQUE, -- a job that is tried again does not tell twice
  leido_en timestamptz,
  creado_en timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX idx_notifications_usuario ON notifications (usuario_id, creado_en DESC);

ALTER TABLE notifications ENABLE ROW LEVEL SECURITY;
CREATE POLICY notifications_propias ON notifications FOR ALL
  USING (usuario_id::text = (SELECT NULLIF(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'));
CREATE POLICY notifications_servicio ON notifications FOR ALL
  USING ((SELECT NULLIF(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role') = 'service_role');

-- verify
SELECT relrowsecurity FROM pg_class WHERE oid = 'notifications'::regclass;
