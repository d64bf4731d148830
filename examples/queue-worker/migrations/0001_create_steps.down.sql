DROP TABLE step_effects;
DROP TABLE step_results;
DROP TABLE step_attempts;
DROP TABLE steps;
