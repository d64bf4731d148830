-- Limits of credit, and accounts as they are handed to accounting.
ALTER TABLE accounts ADD COLUMN limit_cents integer NOT NULL DEFAULT 5000000 CHECK (limit_cents >= 0);
CREATE TABLE financial_exports (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  rows integer NOT NULL,
  outstanding_cents bigint NOT NULL,
  made_at timestamptz NOT NULL DEFAULT now()
);
