-- How a person pays, from 500 to 800: 500 and 300 times the share of what was ordered that is paid.
CREATE TABLE credit_scores (
  user_id uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
  score integer NOT NULL CHECK (score BETWEEN 500 AND 800),
  calculated_at timestamptz NOT NULL DEFAULT now()
);
CREATE FUNCTION credit_score_of(person uuid) RETURNS integer
LANGUAGE sql STABLE SECURITY INVOKER SET search_path = public
AS $$
  SELECT 500 + round(300 * coalesce(
    (SELECT sum(amount_cents) FROM payments WHERE user_id = person)::numeric
      / nullif((SELECT sum(total_cents) FROM orders WHERE user_id = person), 0), 0))::integer
$$;
