-- Rules that act for a person, and the history of every execution.

CREATE TABLE automation_rules (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  usuario_id uuid NOT NULL,
  nombre text NOT NULL CHECK (length(nombre) BETWEEN 1 AND 120),
  descripcion text NOT NULL DEFAULT '',
  disparador text NOT NULL CHECK (disparador IN ('manual', 'daily')),
  accion text NOT NULL CHECK (accion IN ('notification', 'email', 'slack', 'webhook')),
  parametros jsonb NOT NULL DEFAULT '{}',
  activo boolean NOT NULL DEFAULT true,
  creado_en timestamptz NOT NULL DEFAULT now(),
  actualizado_en timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX idx_automation_rules_usuario ON automation_rules (usuario_id);

CREATE TABLE automation_rule_history (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  regla_id uuid NOT NULL REFERENCES automation_rules (id) ON DELETE CASCADE,
  usuario_id uuid NOT NULL,
  job_id uuid NOT NULL UNIQUE, -- one entry a job, however often the job is tried
  origen text NOT NULL CHECK (origen IN ('manual', 'schedule')),
  estado text NOT NULL CHECK (estado IN ('queued', 'success', 'failed')),
  detalle text,
  iniciado_en timestamptz NOT NULL DEFAULT now(),
  terminado_en timestamptz
);

CREATE INDEX idx_automation_rule_history_regla ON automation_rule_history (regla_id, iniciado_en DESC);

CREATE TRIGGER automation_rules_actualizado BEFORE UPDATE ON automation_rules
  FOR EACH ROW EXECUTE FUNCTION actualizar_timestamp_queue();

ALTER TABLE automation_rules ENABLE ROW LEVEL SECURITY;
ALTER TABLE automation_rule_history ENABLE ROW LEVEL SECURITY;

CREATE POLICY automation_rules_propias ON automation_rules FOR ALL
  USING (usuario_id::text = (SELECT NULLIF(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'));
CREATE POLICY automation_rules_servicio ON automation_rules FOR ALL
  USING ((SELECT NULLIF(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role') = 'service_role');
CREATE POLICY automation_rule_history_propia ON automation_rule_history FOR SELECT
  USING (usuario_id::text = (SELECT NULLIF(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'));
CREATE POLICY automation_rule_history_servicio ON automation_rule_history FOR ALL
  USING ((SELECT NULLIF(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role') = 'service_role');

-- verify
SELECT bool_and(relrowsecurity) FROM pg_class
WHERE oid IN ('automation_rules'::regclass, 'automation_rule_history'::regclass);
