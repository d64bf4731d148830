-- Takes every object of the up file, functions and queue_stats included.
DROP FUNCTION limpiar_trabajos_antiguos(integer);
DROP FUNCTION reintentar_trabajos_fallidos(integer);
DROP FUNCTION obtener_trabajos_pendientes(integer);
DROP FUNCTION contar_trabajos_por_estado();
DROP TABLE queue_stats;
DROP TABLE scheduled_jobs;
DROP TABLE queue_jobs;
DROP FUNCTION actualizar_timestamp_queue();
