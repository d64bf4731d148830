// How AWS says that something is not there: an error with a name of its own for each service.

/** The answer, or undefined when the service failed with one of the named errors. Other failures pass through. */
export async function unless<T>(names: readonly string[], call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof Error && names.includes(error.name)) return undefined;
    throw error;
  }
}
