-- A batch is a list of items that the queue works through; each item keeps its own result.

CREATE TABLE batch_operations (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  usuario_id uuid NOT NULL,
  operacion text NOT NULL CHECK (operacion IN ('classify_documents')),
  estado text NOT NULL DEFAULT 'pending' CHECK (estado IN ('pending', 'processing', 'completed', 'failed')),
  total integer NOT NULL CHECK (total BETWEEN 1 AND 1000),
  procesados integer NOT NULL DEFAULT 0,
  fallidos integer NOT NULL DEFAULT 0,
  avances smallint[] NOT NULL DEFAULT '{0}', -- every percentage that was reported, in order
  creado_en timestamptz NOT NULL DEFAULT now(),
  actualizado_en timestamptz NOT NULL DEFAULT now(),
  completado_en timestamptz,
  CHECK (procesados + fallidos <= total)
);

CREATE TABLE batch_items (
  lote_id uuid NOT NULL REFERENCES batch_operations (id) ON DELETE CASCADE,
  posicion integer NOT NULL CHECK (posicion >= 0),
  usuario_id uuid NOT NULL,
  entrada jsonb NOT NULL,
  resultado jsonb,
  error text,
  PRIMARY KEY (lote_id, posicion)
);

CREATE INDEX idx_batch_operations_usuario ON batch_operations (usuario_id);
CREATE TRIGGER batch_operations_actualizado BEFORE UPDATE ON batch_operations
  FOR EACH ROW EXECUTE FUNCTION actualizar_timestamp_queue();

ALTER TABLE batch_operations ENABLE ROW LEVEL SECURITY;
ALTER TABLE batch_items ENABLE ROW LEVEL SECURITY;

CREATE POLICY batch_operations_propias ON batch_operations FOR ALL
  USING (usuario_id::text = (SELECT NULLIF(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'));
CREATE POLICY batch_operations_servicio ON batch_operations FOR ALL
  USING ((SELECT NULLIF(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role') = 'service_role');
CREATE POLICY batch_items_propios ON batch_items FOR ALL
  USING (usuario_id::text = (SELECT NULLIF(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'));
CREATE POLICY batch_items_servicio ON batch_items FOR ALL
  USING ((SELECT NULLIF(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role') = 'service_role');

-- verify
SELECT bool_and(relrowsecurity) FROM pg_class
WHERE oid IN ('batch_operations'::regclass, 'batch_items'::regclass);
