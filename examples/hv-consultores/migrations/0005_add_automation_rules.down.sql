DROP TABLE automation_rule_history;
DROP TABLE automation_rules;
