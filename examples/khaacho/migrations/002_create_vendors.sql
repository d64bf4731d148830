-- Those who deliver, each in one region.
CREATE TABLE vendors (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name text NOT NULL,
  region text NOT NULL,
  active boolean NOT NULL DEFAULT true
);
