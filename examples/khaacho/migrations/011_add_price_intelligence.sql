-- What vendors ask for a product, over time.
CREATE TABLE price_history (
  product_id uuid NOT NULL REFERENCES products (id) ON DELETE CASCADE,
  measured_at timestamptz NOT NULL DEFAULT now(),
  lowest_cents integer NOT NULL,
  average_cents integer NOT NULL,
  PRIMARY KEY (product_id, measured_at)
);
