-- What each role may do, by the names <database>_application and <database>_readonly; a copy of the database says in
-- greenlight.source of which. A role that does not exist is skipped, so that a scratch database needs no roles. Versioned and not repeatable: after a way down and up again the
-- tables are new, and so must be the grants.

DO $$
DECLARE
  database name := coalesce(nullif(current_setting('greenlight.source', true), ''), current_database());
  application name := database || '_application';
  readonly name := database || '_readonly';
BEGIN
  -- PostgreSQL lets everybody call a new function.
  REVOKE EXECUTE ON FUNCTION contar_trabajos_por_estado(), obtener_trabajos_pendientes(integer),
    reintentar_trabajos_fallidos(integer), limpiar_trabajos_antiguos(integer) FROM PUBLIC;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = application) THEN
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', application);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON usuarios, documentos, queue_jobs, scheduled_jobs,
      queue_stats, automation_rules, automation_rule_history, batch_operations, batch_items, notifications,
      webhook_endpoints, deliveries TO %I', application);
    -- The application reads flags; operators and the release turn them.
    EXECUTE format('GRANT SELECT ON feature_flags TO %I', application);
    EXECUTE format('GRANT EXECUTE ON FUNCTION contar_trabajos_por_estado(), obtener_trabajos_pendientes(integer),
      reintentar_trabajos_fallidos(integer), limpiar_trabajos_antiguos(integer) TO %I', application);
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = readonly) THEN
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', readonly);
    -- Row-level policies hold for this role as well: without claims it reads counts of nothing.
    EXECUTE format('GRANT SELECT ON queue_jobs, scheduled_jobs, queue_stats, feature_flags, automation_rules,
      automation_rule_history, batch_operations, batch_items, notifications, deliveries TO %I', readonly);
  END IF;
END
$$;
