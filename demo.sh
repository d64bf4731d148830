cd /tmp/I1 && npm run -s demo -- --keep
