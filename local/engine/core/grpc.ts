// Settings that every connection of the engine shares.

const LIMIT_BYTES = 400 * 1024 * 1024;

/** Pulumi's limit for a message, both ways. */
export const messageLimits = {
  "grpc.max_receive_message_length": LIMIT_BYTES,
  "grpc.max_send_message_length": LIMIT_BYTES,
};
