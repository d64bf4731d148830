// A person's Ctrl-C and a machine's SIGTERM while an engine works for this process.

/**
 * Runs a command of the engine. Ctrl-C reaches the engine by itself, which ends what it has begun, and SIGTERM is handed on to it:
 * this process stays, to say what came of it.
 */
export async function withEngine<T>(command: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const ended = new AbortController();
  const stay = () => {};
  const end = () => ended.abort();
  process.on("SIGINT", stay);
  process.on("SIGTERM", end);
  try {
    return await command(ended.signal);
  } finally {
    process.off("SIGINT", stay);
    process.off("SIGTERM", end);
  }
}
