DROP TABLE vendor_performance;
