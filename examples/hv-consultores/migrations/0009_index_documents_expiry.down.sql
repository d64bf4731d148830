-- greenlight: no-transaction
DROP INDEX CONCURRENTLY idx_documentos_vence;
