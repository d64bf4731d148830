// Whether a process of this machine is still there, by its number.

/** Another user's process counts as running: it cannot be asked, but it is there. A number that is none does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
