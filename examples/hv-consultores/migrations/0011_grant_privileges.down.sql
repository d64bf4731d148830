-- The grants on tables and functions end with these; what remains is the sight of the schema.
DO $$
DECLARE
  database name := coalesce(nullif(current_setting('greenlight.source', true), ''), current_database());
  role name;
BEGIN
  FOR role IN
    SELECT rolname FROM pg_roles WHERE rolname IN (database || '_application', database || '_readonly')
  LOOP
    EXECUTE format('REVOKE ALL ON usuarios, documentos, queue_jobs, scheduled_jobs, queue_stats, feature_flags,
      automation_rules, automation_rule_history, batch_operations, batch_items, notifications, webhook_endpoints,
      deliveries FROM %I', role);
    EXECUTE format('REVOKE ALL ON FUNCTION contar_trabajos_por_estado(), obtener_trabajos_pendientes(integer),
      reintentar_trabajos_fallidos(integer), limpiar_trabajos_antiguos(integer) FROM %I', role);
  END LOOP;
END
$$;
