-- What the dashboard reads, computed ahead, and the functions of the maintenance. A refresh is concurrent, so readers never
-- wait: that needs a unique index on each view.

CREATE MATERIALIZED VIEW troubleshooting_daily AS
SELECT
  (created_at AT TIME ZONE 'UTC')::date AS day,
  count(*) AS sessions,
  count(*) FILTER (WHERE status = 'resolved') AS resolved,
  count(*) FILTER (WHERE status = 'escalated') AS escalated,
  count(*) FILTER (WHERE status = 'open') AS open
FROM troubleshooting_sessions
GROUP BY 1;

CREATE UNIQUE INDEX idx_troubleshooting_daily ON troubleshooting_daily (day);

CREATE MATERIALIZED VIEW troubleshooting_problem_ranking AS
SELECT
  p.id AS problem_id,
  p.category,
  count(s.id) AS sessions,
  count(s.id) FILTER (WHERE s.status = 'resolved') AS resolved,
  round(avg(f.rating), 2) AS rating
FROM troubleshooting_problems p
LEFT JOIN troubleshooting_sessions s ON s.problem_id = p.id
LEFT JOIN troubleshooting_feedback f ON f.session_id = s.id
GROUP BY p.id, p.category;

CREATE UNIQUE INDEX idx_troubleshooting_problem_ranking ON troubleshooting_problem_ranking (problem_id);
CREATE INDEX idx_troubleshooting_sessions_problem ON troubleshooting_sessions (problem_id, status);
CREATE INDEX idx_troubleshooting_sessions_created ON troubleshooting_sessions (created_at);

-- Sessions and deliveries change far more often than they are added.
ALTER TABLE troubleshooting_sessions SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02);
ALTER TABLE support_webhook_deliveries SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02);

-- Only a view's owner can refresh it: the function runs as its owner, and nobody else's names are on its path.
CREATE FUNCTION refresh_troubleshooting_views() RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  REFRESH MATERIALIZED VIEW CONCURRENTLY troubleshooting_daily;
  REFRESH MATERIALIZED VIEW CONCURRENTLY troubleshooting_problem_ranking;
  RETURN (SELECT format('%s sessions in two views', coalesce(sum(sessions), 0)) FROM troubleshooting_daily);
END
$$;

CREATE FUNCTION abandon_idle_sessions() RETURNS text
LANGUAGE sql SET search_path = pg_catalog, public AS $$
  WITH ended AS (
    UPDATE troubleshooting_sessions SET status = 'abandoned', ended_at = now()
    WHERE status = 'open' AND updated_at < now() - make_interval(days =>
      (SELECT (value #>> '{}')::integer FROM support_configuration WHERE key = 'session_idle_days'))
    RETURNING 1
  )
  SELECT format('%s sessions abandoned', count(*)) FROM ended
$$;

CREATE FUNCTION purge_webhook_deliveries() RETURNS text
LANGUAGE sql SET search_path = pg_catalog, public AS $$
  WITH gone AS (
    DELETE FROM support_webhook_deliveries
    WHERE status <> 'pending' AND ended_at < now() - make_interval(days =>
      (SELECT (value #>> '{}')::integer FROM support_configuration WHERE key = 'delivery_retention_days'))
    RETURNING 1
  )
  SELECT format('%s deliveries purged', count(*)) FROM gone
$$;

REVOKE EXECUTE ON FUNCTION refresh_troubleshooting_views(), abandon_idle_sessions(), purge_webhook_deliveries() FROM PUBLIC;

-- A function that runs as its owner is for the application alone. Where that role does not exist, as on a scratch copy,
-- there is nobody to grant it to.
DO $$
DECLARE
  application name := current_database() || '_application';
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = application) THEN
    EXECUTE format('GRANT EXECUTE ON FUNCTION refresh_troubleshooting_views(), abandon_idle_sessions(),
      purge_webhook_deliveries() TO %I', application);
  END IF;
END
$$;

-- verify
SELECT count(*) = 2 FROM pg_matviews
WHERE matviewname IN ('troubleshooting_daily', 'troubleshooting_problem_ranking') AND ispopulated;
