-- pg_stat_statements is what the slow-statement review reads. Where the server does not offer it, or the role
-- may not install it, the notice says so and the review reports that it has no data.

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pg_stat_statements') THEN
    CREATE EXTENSION IF NOT EXISTS pg_stat_statements;
  ELSE
    RAISE NOTICE 'pg_stat_statements is not available on this server';
  END IF;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE NOTICE 'role % may not install pg_stat_statements', current_user;
END
$$;
