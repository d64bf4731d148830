DROP FUNCTION credit_score_of(uuid);
DROP TABLE credit_scores;
