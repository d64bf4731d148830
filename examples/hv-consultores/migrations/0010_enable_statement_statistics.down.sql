-- An extension that an administrator installed stays: it is not this file's to drop.
DO $$
BEGIN
  DROP EXTENSION IF EXISTS pg_stat_statements;
EXCEPTION WHEN insufficient_privilege THEN
  RAISE NOTICE 'pg_stat_statements was installed by another role and stays';
END
$$;
