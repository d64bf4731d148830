-- How vendors do, brought up to date by a job.
CREATE TABLE vendor_performance (
  vendor_id uuid PRIMARY KEY REFERENCES vendors (id) ON DELETE CASCADE,
  orders integer NOT NULL,
  total_cents bigint NOT NULL,
  measured_at timestamptz NOT NULL DEFAULT now()
);
