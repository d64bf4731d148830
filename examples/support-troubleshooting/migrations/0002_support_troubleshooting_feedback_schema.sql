-- What people say about a session: one opinion a session.

CREATE TABLE troubleshooting_feedback (
  session_id uuid PRIMARY KEY REFERENCES troubleshooting_sessions (id) ON DELETE CASCADE,
  rating integer NOT NULL CHECK (rating BETWEEN 1 AND 5),
  comment text NOT NULL DEFAULT '' CHECK (length(comment) <= 2000),
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX idx_troubleshooting_feedback_created ON troubleshooting_feedback (created_at);

-- verify
SELECT to_regclass('troubleshooting_feedback') IS NOT NULL;
