-- Steps are what the worker does. The queue in Redis says when; these tables say what was asked, tried and done.
CREATE TABLE steps (
  id uuid PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('noop', 'probe', 'notify')),
  payload jsonb NOT NULL DEFAULT '{}',
  correlation_id text NOT NULL,
  subject text,
  state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'retrying', 'completed', 'dead')),
  error text,
  enqueued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at timestamptz
);
COMMENT ON COLUMN steps.subject IS 'The person whose data the payload holds, as an opaque key; export and erasure go by it.';
CREATE INDEX steps_by_subject ON steps (subject) WHERE subject IS NOT NULL;
CREATE INDEX steps_by_finish ON steps (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE step_attempts (
  step_id uuid NOT NULL REFERENCES steps (id) ON DELETE CASCADE,
  attempt integer NOT NULL CHECK (attempt > 0),
  worker text NOT NULL,
  outcome text NOT NULL DEFAULT 'running' CHECK (outcome IN ('running', 'completed', 'failed', 'timeout', 'lost')),
  error text,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at timestamptz,
  handler_ms double precision,
  PRIMARY KEY (step_id, attempt)
);

-- One row a step, whatever happens: who cannot insert it has nothing more to do.
CREATE TABLE step_results (
  step_id uuid PRIMARY KEY REFERENCES steps (id) ON DELETE CASCADE,
  result jsonb NOT NULL,
  completed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- What a step did to the world, one row each time. More than one for a step is work done twice.
CREATE TABLE step_effects (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  step_id uuid NOT NULL REFERENCES steps (id) ON DELETE CASCADE,
  worker text NOT NULL,
  done_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX step_effects_by_step ON step_effects (step_id);
