DROP TABLE troubleshooting_feedback;
