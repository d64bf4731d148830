// The one error this command line shows as it is: a fault of the user's input or state, with its exit code.

/** Exit codes of the official command line. */
export const EXIT = {
  failed: 1,
  usage: 2,
  stackNotFound: 6,
  changed: 7,
  terminated: 8,
  internal: 255,
} as const;

/** A message for the operator; anything else that is thrown counts as a fault of this engine. */
export class Failure extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.failed, options?: ErrorOptions) {
    super(message, options);
    this.name = "Failure";
    this.exitCode = exitCode;
  }
}

/** Says that the official command has `feature` and this one does not. */
export function notSupported(feature: string): Failure {
  return new Failure(`${feature}: not supported by the embedded engine; use the Pulumi CLI`);
}

/** True for an error of the operating system with this code, e.g. `ENOENT`. */
export function isSystemError(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
