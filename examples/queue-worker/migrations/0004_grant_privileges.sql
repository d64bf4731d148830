-- What each role may do, by the names <database>_application and <database>_readonly. A role that does not exist is
-- skipped, so that a scratch copy needs no roles.
DO $$
DECLARE
  application name := current_database() || '_application';
  readonly name := current_database() || '_readonly';
BEGIN
  -- PostgreSQL lets everybody call a new function.
  REVOKE EXECUTE ON FUNCTION purge_finished_steps(interval) FROM PUBLIC;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = application) THEN
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', application);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON steps, step_attempts TO %I', application);
    -- Results and effects are history: written once, never changed. They go with their step.
    EXECUTE format('GRANT SELECT, INSERT ON step_results, step_effects TO %I', application);
    EXECUTE format('GRANT SELECT ON feature_flags TO %I', application);
    EXECUTE format('GRANT EXECUTE ON FUNCTION purge_finished_steps(interval) TO %I', application);
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = readonly) THEN
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', readonly);
    EXECUTE format('GRANT SELECT ON step_attempts, step_results, step_effects, feature_flags TO %I', readonly);
    -- Payloads and subjects are personal data and not for readers.
    EXECUTE format('GRANT SELECT (id, kind, correlation_id, state, enqueued_at, finished_at) ON steps TO %I', readonly);
  END IF;
END
$$;
