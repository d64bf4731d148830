-- Who is told of events by webhook, and what became of each message. Needs nothing of the other files: a delivery outlives
-- the session that it tells of.

CREATE TABLE support_webhooks (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  url text NOT NULL CHECK (url ~ '^https?://'),
  secret_encrypted text NOT NULL,
  events text[] NOT NULL CHECK (cardinality(events) >= 1),
  active boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE support_webhook_deliveries (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  webhook_id uuid NOT NULL REFERENCES support_webhooks (id) ON DELETE CASCADE,
  event text NOT NULL,
  session_id uuid NOT NULL,
  payload jsonb NOT NULL,
  status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'success', 'failed')),
  attempts integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  answer text NOT NULL DEFAULT '',
  due_at timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz
);

CREATE INDEX idx_support_webhook_deliveries_due ON support_webhook_deliveries (due_at) WHERE status = 'pending';
CREATE INDEX idx_support_webhook_deliveries_session ON support_webhook_deliveries (session_id);
CREATE INDEX idx_support_webhook_deliveries_webhook ON support_webhook_deliveries (webhook_id);

-- verify
SELECT to_regclass('support_webhook_deliveries') IS NOT NULL;
