DROP TABLE support_webhook_deliveries, support_webhooks;
