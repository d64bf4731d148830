-- Configuration, message templates, notifications, and the schedule of the maintenance with a row for each run.

CREATE TABLE support_configuration (
  key text PRIMARY KEY CHECK (key ~ '^[a-z][a-z0-9_]{1,59}$'),
  value jsonb NOT NULL,
  description text NOT NULL
);

INSERT INTO support_configuration (key, value, description)
VALUES
  ('escalation_email', '"support-leads@example.com"', 'who is told of a session that no step helped'),
  ('session_idle_days', '7', 'open sessions without a step for so long are abandoned'),
  ('webhook_attempts', '3', 'how often a webhook is tried'),
  ('webhook_backoff_seconds', '30', 'pause before the second try; doubled each time'),
  ('delivery_retention_days', '90', 'how long ended deliveries are kept'),
  ('minimum_resolution_percent', '60', 'share of ended sessions that should be resolved')
ON CONFLICT (key) DO NOTHING;

CREATE TABLE support_templates (
  id text PRIMARY KEY CHECK (id ~ '^[a-z][a-z0-9-]{1,59}$'),
  subject text NOT NULL,
  body text NOT NULL
);

-- {{name}} stands for a value of the session.
INSERT INTO support_templates (id, subject, body)
VALUES
  ('session-created', 'Your request {{session_id}}', 'We help you with: {{problem_title}}.'),
  ('session-resolved', 'Solved: {{session_id}}', '{{problem_title}} was solved in step {{current_step}}. How was it?'),
  ('session-escalated', 'Escalated: {{session_id}}', 'No step helped with {{problem_title}}. Customer: {{customer_email}}')
ON CONFLICT (id) DO NOTHING;

CREATE TABLE support_notifications (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  session_id uuid NOT NULL REFERENCES troubleshooting_sessions (id) ON DELETE CASCADE,
  template_id text NOT NULL REFERENCES support_templates (id),
  recipient text NOT NULL,
  status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'sent', 'failed')),
  answer text NOT NULL DEFAULT '',
  created_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,
  UNIQUE (session_id, template_id)
);

CREATE INDEX idx_support_notifications_pending ON support_notifications (created_at) WHERE status = 'pending';

CREATE TABLE support_maintenance (
  task text PRIMARY KEY CHECK (task ~ '^[a-z][a-z-]{1,59}$'),
  every_seconds integer NOT NULL CHECK (every_seconds BETWEEN 1 AND 604800),
  enabled boolean NOT NULL DEFAULT true,
  next_run_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE support_maintenance_runs (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  task text NOT NULL REFERENCES support_maintenance (task),
  status text NOT NULL CHECK (status IN ('success', 'failed')),
  detail text NOT NULL,
  started_at timestamptz NOT NULL,
  ended_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX idx_support_maintenance_runs_task ON support_maintenance_runs (task, ended_at DESC);

INSERT INTO support_maintenance (task, every_seconds)
VALUES ('refresh-views', 900), ('abandon-idle', 3600), ('purge-deliveries', 86400)
ON CONFLICT (task) DO NOTHING;

-- verify
SELECT (SELECT count(*) FROM support_configuration) = 6 AND (SELECT count(*) FROM support_templates) = 3
  AND (SELECT count(*) FROM support_maintenance WHERE enabled) = 3;
