-- Messages that came in over WhatsApp. The provider may deliver one several times: its id makes it one.
CREATE TABLE whatsapp_messages (
  provider_id text PRIMARY KEY,
  sender text NOT NULL,
  body text NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  processed_at timestamptz
);
