-- What can be ordered, and at what price which vendor has it in stock. Money is in cents everywhere.
CREATE TABLE products (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name text NOT NULL,
  price_cents integer NOT NULL CHECK (price_cents > 0)
);
CREATE TABLE vendor_products (
  vendor_id uuid NOT NULL REFERENCES vendors (id) ON DELETE CASCADE,
  product_id uuid NOT NULL REFERENCES products (id) ON DELETE CASCADE,
  price_cents integer NOT NULL CHECK (price_cents > 0),
  stock integer NOT NULL DEFAULT 0 CHECK (stock >= 0),
  PRIMARY KEY (vendor_id, product_id)
);
