DROP FUNCTION cheapest_vendor(uuid);
ALTER TABLE orders DROP COLUMN routed_at;
ALTER TABLE orders DROP COLUMN vendor_id;
