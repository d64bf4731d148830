-- What can go wrong, the steps that may help, and the sessions in which people try them.

CREATE TABLE troubleshooting_problems (
  id text PRIMARY KEY CHECK (id ~ '^[a-z][a-z0-9-]{1,59}$'),
  title text NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
  category text NOT NULL CHECK (category IN ('network', 'access', 'payment', 'device')),
  active boolean NOT NULL DEFAULT true
);

CREATE TABLE troubleshooting_steps (
  problem_id text NOT NULL REFERENCES troubleshooting_problems (id),
  position integer NOT NULL CHECK (position >= 1),
  instruction text NOT NULL CHECK (length(instruction) BETWEEN 1 AND 2000),
  PRIMARY KEY (problem_id, position)
);

CREATE TABLE troubleshooting_sessions (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id uuid NOT NULL,
  problem_id text NOT NULL REFERENCES troubleshooting_problems (id),
  customer_email text NOT NULL CHECK (customer_email LIKE '%_@_%'),
  status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'resolved', 'escalated', 'abandoned')),
  current_step integer NOT NULL DEFAULT 1 CHECK (current_step >= 1),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  CHECK ((status = 'open') = (ended_at IS NULL))
);

CREATE INDEX idx_troubleshooting_sessions_user ON troubleshooting_sessions (user_id, created_at DESC);
CREATE INDEX idx_troubleshooting_sessions_open ON troubleshooting_sessions (updated_at) WHERE status = 'open';

CREATE TABLE troubleshooting_attempts (
  session_id uuid NOT NULL REFERENCES troubleshooting_sessions (id) ON DELETE CASCADE,
  position integer NOT NULL,
  succeeded boolean NOT NULL,
  notes text NOT NULL DEFAULT '' CHECK (length(notes) <= 2000),
  attempted_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (session_id, position)
);

CREATE FUNCTION troubleshooting_touch() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  NEW.updated_at := clock_timestamp();
  RETURN NEW;
END
$$;

CREATE TRIGGER troubleshooting_sessions_touch BEFORE UPDATE ON troubleshooting_sessions
  FOR EACH ROW EXECUTE FUNCTION troubleshooting_touch();

INSERT INTO troubleshooting_problems (id, title, category)
VALUES
  ('no-connection', 'The device has no connection', 'network'),
  ('slow-connection', 'The connection is slow', 'network'),
  ('locked-account', 'The account is locked', 'access'),
  ('declined-payment', 'A payment was declined', 'payment')
ON CONFLICT (id) DO NOTHING;

INSERT INTO troubleshooting_steps (problem_id, position, instruction)
VALUES
  ('no-connection', 1, 'Check that the cable is in its socket'),
  ('no-connection', 2, 'Switch the router off, wait ten seconds, switch it on'),
  ('no-connection', 3, 'Connect another device to the same network'),
  ('slow-connection', 1, 'Measure the speed beside the router'),
  ('slow-connection', 2, 'Choose another wireless channel'),
  ('locked-account', 1, 'Ask for a new password'),
  ('locked-account', 2, 'Confirm the telephone number'),
  ('declined-payment', 1, 'Check the expiry date of the card'),
  ('declined-payment', 2, 'Try another way of paying')
ON CONFLICT (problem_id, position) DO NOTHING;

-- verify
SELECT count(*) = 4 FROM troubleshooting_problems p
WHERE EXISTS (SELECT FROM troubleshooting_steps s WHERE s.problem_id = p.id AND s.position = 1);
