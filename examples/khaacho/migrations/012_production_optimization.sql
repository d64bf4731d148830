-- Indexes for the questions that are asked all the time, the views that operators read, and autovacuum for the table
-- that changes most.
CREATE INDEX orders_by_user ON orders (user_id, created_at DESC);
CREATE INDEX orders_by_state ON orders (state) WHERE state <> 'paid';
CREATE INDEX orders_by_vendor ON orders (vendor_id);
CREATE INDEX order_lines_by_product ON order_lines (product_id);
CREATE INDEX payments_by_user ON payments (user_id);
CREATE INDEX payments_by_order ON payments (order_id);
CREATE INDEX vendors_by_region ON vendors (region) WHERE active;
CREATE INDEX whatsapp_messages_waiting ON whatsapp_messages (received_at) WHERE processed_at IS NULL;

ALTER TABLE orders SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02);

-- Statements over 100 ms on average, slowest first. The text of other roles' statements needs pg_read_all_stats.
CREATE VIEW slow_queries AS
  SELECT s.query, s.calls, s.mean_exec_time AS mean_milliseconds, s.max_exec_time AS max_milliseconds,
    s.total_exec_time AS total_milliseconds, s.rows
  FROM pg_stat_statements AS s
  WHERE s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND s.mean_exec_time > 100
  ORDER BY s.mean_exec_time DESC;

CREATE VIEW index_usage_stats AS
  SELECT schemaname, relname AS table_name, indexrelname AS index_name, idx_scan AS index_scans,
    idx_tup_read AS tuples_read, pg_relation_size(indexrelid) AS index_bytes
  FROM pg_stat_user_indexes
  ORDER BY idx_scan, indexrelname;

CREATE VIEW table_bloat_stats AS
  SELECT schemaname, relname AS table_name, n_live_tup AS live_tuples, n_dead_tup AS dead_tuples,
    round(100.0 * n_dead_tup / greatest(n_live_tup + n_dead_tup, 1), 1) AS dead_tuple_percent,
    last_autovacuum, last_vacuum
  FROM pg_stat_user_tables
  ORDER BY n_dead_tup DESC;

-- verify
SELECT count(*) = 3 FROM pg_views
WHERE schemaname = 'public' AND viewname IN ('slow_queries', 'index_usage_stats', 'table_bloat_stats');
SELECT bool_and(indisvalid) AND count(*) = 8 FROM pg_index
WHERE indexrelid::regclass::text IN ('orders_by_user', 'orders_by_state', 'orders_by_vendor', 'order_lines_by_product',
  'payments_by_user', 'payments_by_order', 'vendors_by_region', 'whatsapp_messages_waiting');
