DROP TABLE troubleshooting_attempts, troubleshooting_sessions, troubleshooting_steps, troubleshooting_problems;
DROP FUNCTION troubleshooting_touch();
