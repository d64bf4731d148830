-- greenlight: no-transaction
-- documentos has rows from the earlier phases: built concurrently, its writers never wait.

CREATE INDEX CONCURRENTLY idx_documentos_vence ON documentos (vence_en) WHERE estado = 'vigente';
