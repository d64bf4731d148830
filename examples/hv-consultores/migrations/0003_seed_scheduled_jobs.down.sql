DELETE FROM scheduled_jobs WHERE nombre IN
  ('check-expired-documents', 'execute-automation-rules', 'send-daily-summaries', 'weekly-cleanup');
