DROP TABLE pfa_sync_workers, pfa_write_queue;
