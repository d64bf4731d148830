-- What production holds before this release: people, the records of the plan, and the feature flags.

CREATE TABLE users (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  email text NOT NULL UNIQUE,
  name text NOT NULL,
  role text NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'operator')),
  password_scrypt text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE pfa_records (
  id text PRIMARY KEY CHECK (id ~ '^PFA-[0-9]{4,8}$'),
  equipment text NOT NULL,
  forecast_cost numeric(14, 2) NOT NULL CHECK (forecast_cost >= 0),
  forecast_end date NOT NULL,
  version integer NOT NULL DEFAULT 1 CHECK (version >= 1),
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE feature_flags (
  flag_name text PRIMARY KEY,
  enabled boolean NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now()
);

INSERT INTO feature_flags (flag_name, enabled) VALUES ('auto_sync', true) ON CONFLICT (flag_name) DO NOTHING;

INSERT INTO pfa_records (id, equipment, forecast_cost, forecast_end)
VALUES
  ('PFA-0001', 'Tower crane', 184000.00, '2026-03-31'),
  ('PFA-0002', 'Excavator', 62500.50, '2026-01-15'),
  ('PFA-0003', 'Generator set', 21750.00, '2026-06-30')
ON CONFLICT (id) DO NOTHING;

-- verify
SELECT count(*) = 1 FROM feature_flags WHERE flag_name = 'auto_sync';
