DROP TABLE vendor_products;
DROP TABLE products;
