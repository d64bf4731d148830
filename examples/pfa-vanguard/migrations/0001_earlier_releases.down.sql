DROP TABLE feature_flags, pfa_records, users;
