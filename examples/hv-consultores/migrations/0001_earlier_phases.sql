-- What phases 1 to 5 left behind and phase 6 builds on: people and their documents.
-- A person is the subject (`sub`) of a token; row-level policies compare it with usuario_id.

CREATE TABLE usuarios (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  email text NOT NULL UNIQUE CHECK (email = lower(email)),
  nombre text NOT NULL,
  rol text NOT NULL DEFAULT 'user' CHECK (rol IN ('user', 'operator')),
  contrasena_scrypt text NOT NULL,
  creado_en timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE documentos (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  usuario_id uuid NOT NULL,
  titulo text NOT NULL CHECK (length(titulo) BETWEEN 1 AND 200),
  estado text NOT NULL DEFAULT 'vigente' CHECK (estado IN ('vigente', 'vencido')),
  vence_en timestamptz,
  creado_en timestamptz NOT NULL DEFAULT now()
);

ALTER TABLE usuarios ENABLE ROW LEVEL SECURITY;
ALTER TABLE documentos ENABLE ROW LEVEL SECURITY;

CREATE POLICY usuarios_propios ON usuarios FOR SELECT
  USING (id::text = (SELECT NULLIF(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'));
CREATE POLICY usuarios_servicio ON usuarios FOR ALL
  USING ((SELECT NULLIF(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role') = 'service_role');
CREATE POLICY documentos_propios ON documentos FOR ALL
  USING (usuario_id::text = (SELECT NULLIF(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'));
CREATE POLICY documentos_servicio ON documentos FOR ALL
  USING ((SELECT NULLIF(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role') = 'service_role');

-- verify
SELECT count(*) = 2 FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relname IN ('usuarios', 'documentos') AND relrowsecurity;
