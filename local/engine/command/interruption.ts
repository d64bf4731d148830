// Signals during an update: the first asks it to finish what runs, the second to give up at once.

/** The two signals of a deployment, fed by SIGINT and SIGTERM until `stop`. */
export interface Interruption {
  cancel: AbortSignal;
  kill: AbortSignal;
  stop(): void;
}

/** Starts listening. `say` gets a sentence for the terminal at each signal. */
export function watchInterruption(say: (text: string) => void): Interruption {
  const cancel = new AbortController();
  const kill = new AbortController();
  const onSignal = () => {
    if (!cancel.signal.aborted) {
      say(
        "^C received; cancelling. If you would like to terminate immediately, press ^C again.\nNote that terminating immediately may lead to orphaned resources and other inconsistencies.",
      );
      cancel.abort();
    } else if (!kill.signal.aborted) {
      say("^C received; terminating");
      kill.abort();
    }
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
  return {
    cancel: cancel.signal,
    kill: kill.signal,
    stop() {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
    },
  };
}
