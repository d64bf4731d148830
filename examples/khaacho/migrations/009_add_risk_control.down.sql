DROP TABLE financial_exports;
ALTER TABLE accounts DROP COLUMN limit_cents;
