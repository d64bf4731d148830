// The SDK keeps a stack trace for each promise that it makes. They are for reports of leaks alone, and printed in them only
// when asked for; in tests, whose runner maps every frame to its source, they would take most of the time.

type Mark = (promise: Promise<unknown>, context: string) => Promise<unknown>;

/** From now on promises come without them. @param debuggable the SDK's module runtime/debuggable; one that is otherwise stays as it is */
export function forgetPromiseStacks(debuggable: object & { debuggablePromise?: Mark }): void {
  const { debuggablePromise } = debuggable;
  if (!debuggablePromise) return;
  debuggable.debuggablePromise = (promise, context) => {
    const limit = Error.stackTraceLimit;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(promise, context);
    } finally {
      Error.stackTraceLimit = limit;
    }
  };
}
