-- Live switches of the eight features. A feature runs when its FEATURE_ variable and its row both say so:
-- the variable is the ceiling of an installation, the row is what operators turn without a release.

CREATE TABLE feature_flags (
  name text PRIMARY KEY CHECK (name ~ '^[a-z][a-z0-9_]{0,59}$'),
  enabled boolean NOT NULL DEFAULT false,
  actualizado_en timestamptz NOT NULL DEFAULT now()
);

CREATE TRIGGER feature_flags_actualizado BEFORE UPDATE ON feature_flags
  FOR EACH ROW EXECUTE FUNCTION actualizar_timestamp_queue();

ALTER TABLE feature_flags ENABLE ROW LEVEL SECURITY;
CREATE POLICY feature_flags_leer ON feature_flags FOR SELECT
  USING ((SELECT NULLIF(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role') IS NOT NULL);
CREATE POLICY feature_flags_servicio ON feature_flags FOR ALL
  USING ((SELECT NULLIF(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role') = 'service_role');

INSERT INTO feature_flags (name, enabled)
VALUES
  ('automation_rules', true),
  ('job_queue', true),
  ('scheduler', true),
  ('notifications', true),
  ('email_integration', true),
  ('slack_integration', true),
  ('webhook_integration', true),
  ('batch_operations', true)
ON CONFLICT (name) DO NOTHING;

-- verify
SELECT count(*) = 8 FROM feature_flags WHERE enabled;
