-- What PEMS refused because it had changed meanwhile, and how that was settled.

CREATE TABLE pfa_sync_conflict (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  queue_id uuid NOT NULL REFERENCES pfa_write_queue (id) ON DELETE CASCADE,
  record_id text NOT NULL REFERENCES pfa_records (id),
  local_payload jsonb NOT NULL,
  remote_payload jsonb NOT NULL,
  resolution text NOT NULL DEFAULT 'manual_needed' CHECK (resolution IN ('auto', 'manual', 'manual_needed')),
  created_at timestamptz NOT NULL DEFAULT now(),
  resolved_at timestamptz,
  CHECK ((resolution = 'manual_needed') = (resolved_at IS NULL))
);

CREATE INDEX idx_pfa_sync_conflict_open ON pfa_sync_conflict (created_at) WHERE resolution = 'manual_needed';
CREATE INDEX idx_pfa_sync_conflict_queue ON pfa_sync_conflict (queue_id);

-- verify
SELECT to_regclass('pfa_sync_conflict') IS NOT NULL;
