DROP FUNCTION purge_finished_steps(interval);
