-- Switches that operators turn without a release.
CREATE TABLE feature_flags (
  name text PRIMARY KEY,
  enabled boolean NOT NULL DEFAULT false,
  description text NOT NULL
);
INSERT INTO feature_flags (name, enabled, description) VALUES
  ('intake', true, 'New steps are accepted'),
  ('notifications', true, 'Steps of kind notify post to Slack');
