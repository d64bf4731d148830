DO $$
DECLARE
  role name;
BEGIN
  FOR role IN
    SELECT rolname FROM pg_roles WHERE rolname IN (current_database() || '_application', current_database() || '_readonly')
  LOOP
    EXECUTE format('REVOKE ALL ON steps, step_attempts, step_results, step_effects, feature_flags FROM %I', role);
    EXECUTE format('REVOKE ALL (id, kind, correlation_id, state, enqueued_at, finished_at) ON steps FROM %I', role);
    EXECUTE format('REVOKE ALL ON FUNCTION purge_finished_steps(interval) FROM %I', role);
  END LOOP;
END
$$;
