-- Phase 6: the job queue and its schedule. Every table is new, so nothing that is in use is locked.
-- Times are timestamptz; cron expressions are read as UTC by the application's scheduler.

CREATE TABLE queue_jobs (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tipo text NOT NULL CHECK (length(tipo) BETWEEN 1 AND 60),
  payload jsonb NOT NULL DEFAULT '{}',
  estado text NOT NULL DEFAULT 'pending' CHECK (estado IN ('pending', 'processing', 'completed', 'failed')),
  intentos integer NOT NULL DEFAULT 0 CHECK (intentos >= 0),
  max_reintentos integer NOT NULL DEFAULT 3 CHECK (max_reintentos BETWEEN 0 AND 20),
  limite_ms integer CHECK (limite_ms > 0), -- NULL: QUEUE_JOB_TIMEOUT
  proxima_tentativa timestamptz NOT NULL DEFAULT now(),
  usuario_id uuid, -- NULL: a job of the system itself
  resultado jsonb,
  error text,
  creado_en timestamptz NOT NULL DEFAULT now(),
  actualizado_en timestamptz NOT NULL DEFAULT now(),
  iniciado_en timestamptz,
  completado_en timestamptz
);

CREATE INDEX idx_queue_jobs_estado ON queue_jobs (estado);
CREATE INDEX idx_queue_jobs_proxima ON queue_jobs (proxima_tentativa) WHERE estado = 'pending';
CREATE INDEX idx_queue_jobs_creado ON queue_jobs (creado_en);

-- A queue is updated far more than it grows: vacuum at 5 % dead rows and analyze at 2 % changed ones.
ALTER TABLE queue_jobs SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02);

CREATE TABLE scheduled_jobs (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  nombre text NOT NULL UNIQUE CHECK (nombre ~ '^[a-z0-9][a-z0-9-]{0,79}$'),
  descripcion text NOT NULL DEFAULT '',
  cron_expression text NOT NULL,
  tipo text NOT NULL,
  payload jsonb NOT NULL DEFAULT '{}',
  activo boolean NOT NULL DEFAULT true,
  proxima_ejecucion timestamptz, -- NULL until the scheduler has seen the row
  ultima_ejecucion timestamptz,
  creado_en timestamptz NOT NULL DEFAULT now(),
  actualizado_en timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX idx_scheduled_jobs_activo ON scheduled_jobs (activo);
CREATE INDEX idx_scheduled_jobs_proxima ON scheduled_jobs (proxima_ejecucion);

-- One row a minute written by the scheduler, so that the queue's past can be read without a metrics store.
CREATE TABLE queue_stats (
  registrado_en timestamptz PRIMARY KEY DEFAULT now(),
  pendientes bigint NOT NULL,
  procesando bigint NOT NULL,
  completados bigint NOT NULL,
  fallidos bigint NOT NULL
);

CREATE FUNCTION actualizar_timestamp_queue() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  NEW.actualizado_en := clock_timestamp();
  RETURN NEW;
END
$$;

CREATE TRIGGER queue_jobs_actualizado BEFORE UPDATE ON queue_jobs
  FOR EACH ROW EXECUTE FUNCTION actualizar_timestamp_queue();
CREATE TRIGGER scheduled_jobs_actualizado BEFORE UPDATE ON scheduled_jobs
  FOR EACH ROW EXECUTE FUNCTION actualizar_timestamp_queue();

-- Every state is in the answer, also with no job in it.
CREATE FUNCTION contar_trabajos_por_estado() RETURNS TABLE (estado text, total bigint)
LANGUAGE sql STABLE SET search_path = pg_catalog, public AS $$
  SELECT estados.nombre, count(queue_jobs.id)
  FROM unnest(ARRAY['pending', 'processing', 'completed', 'failed']) AS estados (nombre)
  LEFT JOIN queue_jobs ON queue_jobs.estado = estados.nombre
  GROUP BY estados.nombre
$$;

-- Claims due jobs for the caller: two processors never get the same job (SKIP LOCKED).
CREATE FUNCTION obtener_trabajos_pendientes(limite integer) RETURNS SETOF queue_jobs
LANGUAGE sql VOLATILE SET search_path = pg_catalog, public AS $$
  UPDATE queue_jobs SET estado = 'processing', intentos = intentos + 1, iniciado_en = clock_timestamp()
  WHERE id IN (
    SELECT id FROM queue_jobs
    WHERE estado = 'pending' AND proxima_tentativa <= now()
    ORDER BY proxima_tentativa
    LIMIT limite
    FOR UPDATE SKIP LOCKED
  )
  RETURNING *
$$;

-- Gives failed jobs a new set of attempts; returns how many.
CREATE FUNCTION reintentar_trabajos_fallidos(limite integer) RETURNS integer
LANGUAGE sql VOLATILE SET search_path = pg_catalog, public AS $$
  WITH reintentados AS (
    UPDATE queue_jobs SET estado = 'pending', intentos = 0, error = NULL, proxima_tentativa = now()
    WHERE id IN (
      SELECT id FROM queue_jobs WHERE estado = 'failed' ORDER BY creado_en LIMIT limite FOR UPDATE SKIP LOCKED
    )
    RETURNING 1
  )
  SELECT count(*)::integer FROM reintentados
$$;

-- Deletes finished jobs older than so many days; returns how many.
CREATE FUNCTION limpiar_trabajos_antiguos(dias integer) RETURNS integer
LANGUAGE sql VOLATILE SET search_path = pg_catalog, public AS $$
  WITH borrados AS (
    DELETE FROM queue_jobs
    WHERE estado IN ('completed', 'failed') AND actualizado_en < now() - make_interval(days => dias)
    RETURNING 1
  )
  SELECT count(*)::integer FROM borrados
$$;

ALTER TABLE queue_jobs ENABLE ROW LEVEL SECURITY;
ALTER TABLE scheduled_jobs ENABLE ROW LEVEL SECURITY;
ALTER TABLE queue_stats ENABLE ROW LEVEL SECURITY;

-- A person reads, adds and withdraws own jobs; only the service changes their state.
CREATE POLICY queue_jobs_propios_leer ON queue_jobs FOR SELECT
  USING (usuario_id::text = (SELECT NULLIF(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'));
CREATE POLICY queue_jobs_propios_crear ON queue_jobs FOR INSERT
  WITH CHECK (
    estado = 'pending'
    AND usuario_id::text = (SELECT NULLIF(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')
  );
CREATE POLICY queue_jobs_propios_borrar ON queue_jobs FOR DELETE
  USING (
    estado <> 'processing'
    AND usuario_id::text = (SELECT NULLIF(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')
  );
CREATE POLICY queue_jobs_servicio ON queue_jobs FOR ALL
  USING ((SELECT NULLIF(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role') = 'service_role');

CREATE POLICY scheduled_jobs_leer ON scheduled_jobs FOR SELECT
  USING ((SELECT NULLIF(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub') IS NOT NULL);
CREATE POLICY scheduled_jobs_servicio ON scheduled_jobs FOR ALL
  USING ((SELECT NULLIF(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role') = 'service_role');
CREATE POLICY queue_stats_servicio ON queue_stats FOR ALL
  USING ((SELECT NULLIF(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role') = 'service_role');

-- verify
SELECT count(*) = 5 FROM pg_indexes
WHERE schemaname = 'public' AND indexname IN ('idx_queue_jobs_estado', 'idx_queue_jobs_proxima',
  'idx_queue_jobs_creado', 'idx_scheduled_jobs_activo', 'idx_scheduled_jobs_proxima');
SELECT count(*) = 5 FROM pg_proc
WHERE pronamespace = 'public'::regnamespace AND proname IN ('contar_trabajos_por_estado',
  'obtener_trabajos_pendientes', 'reintentar_trabajos_fallidos', 'limpiar_trabajos_antiguos',
  'actualizar_timestamp_queue');
SELECT bool_and(relrowsecurity) FROM pg_class
WHERE oid IN ('queue_jobs'::regclass, 'scheduled_jobs'::regclass, 'queue_stats'::regclass);
SELECT count(*) = 4 FROM contar_trabajos_por_estado();
