-- Finished steps are kept for a while, with attempts, results and effects, and then deleted.
CREATE FUNCTION purge_finished_steps(older_than interval) RETURNS bigint
LANGUAGE sql SECURITY INVOKER SET search_path = public
AS $$
  WITH purged AS (
    DELETE FROM steps WHERE finished_at < clock_timestamp() - older_than RETURNING 1
  )
  SELECT count(*) FROM purged
$$;
