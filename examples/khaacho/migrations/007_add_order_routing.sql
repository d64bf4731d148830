-- Which vendor delivers: the cheapest of the person's region that has everything in stock.
ALTER TABLE orders ADD COLUMN vendor_id uuid REFERENCES vendors (id);
ALTER TABLE orders ADD COLUMN routed_at timestamptz;
CREATE FUNCTION cheapest_vendor(wanted uuid) RETURNS uuid
LANGUAGE sql STABLE SECURITY INVOKER SET search_path = public
AS $$
  SELECT v.id
  FROM orders AS o
    JOIN users AS u ON u.id = o.user_id
    JOIN vendors AS v ON v.region = u.region AND v.active
    JOIN order_lines AS l ON l.order_id = o.id
    LEFT JOIN vendor_products AS p ON p.vendor_id = v.id AND p.product_id = l.product_id AND p.stock >= l.quantity
  WHERE o.id = wanted
  GROUP BY v.id
  HAVING count(*) = count(p.product_id)
  ORDER BY sum(p.price_cents * l.quantity), v.id
  LIMIT 1
$$;
