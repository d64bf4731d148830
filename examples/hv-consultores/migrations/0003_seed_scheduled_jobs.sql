-- The four schedules of phase 6. ON CONFLICT keeps a row that an operator has changed.

INSERT INTO scheduled_jobs (nombre, descripcion, cron_expression, tipo, activo)
VALUES
  ('check-expired-documents', 'Check for expired documents daily', '0 2 * * *', 'expire_check', true),
  ('execute-automation-rules', 'Execute all automation rules daily', '0 3 * * *', 'automation', true),
  ('send-daily-summaries', 'Send daily summary emails', '0 8 * * *', 'summary', true),
  ('weekly-cleanup', 'Weekly cleanup of old jobs', '0 1 * * 0', 'cleanup', true)
ON CONFLICT (nombre) DO NOTHING;

-- verify
SELECT count(*) = 4 FROM scheduled_jobs WHERE nombre IN
  ('check-expired-documents', 'execute-automation-rules', 'send-daily-summaries', 'weekly-cleanup');
