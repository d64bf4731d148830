-- Writes on their way to PEMS, and the workers that carry them. Backward compatible: the running backend knows neither.

CREATE TABLE pfa_write_queue (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  record_id text NOT NULL REFERENCES pfa_records (id),
  base_version integer NOT NULL CHECK (base_version >= 0),
  payload jsonb NOT NULL,
  source text NOT NULL DEFAULT 'auto' CHECK (source IN ('auto', 'manual')),
  status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'processing', 'completed', 'conflict', 'failed')),
  attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  error text,
  requested_by uuid,
  due_at timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  completed_at timestamptz
);

CREATE INDEX idx_pfa_write_queue_due ON pfa_write_queue (due_at) WHERE status = 'pending';
CREATE INDEX idx_pfa_write_queue_status ON pfa_write_queue (status, created_at);
CREATE INDEX idx_pfa_write_queue_record ON pfa_write_queue (record_id, created_at DESC);

-- A queue is updated far more than it grows.
ALTER TABLE pfa_write_queue SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02);

CREATE TABLE pfa_sync_workers (
  name text PRIMARY KEY,
  version text NOT NULL,
  started_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL,
  processed bigint NOT NULL DEFAULT 0
);

-- verify
SELECT to_regclass('pfa_write_queue') IS NOT NULL;
