DROP TABLE pfa_sync_conflict;
