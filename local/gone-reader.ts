// A reader of the output that went away, such as `head` or a pager that was left, must not end an update half way.

/** What is written from then on is lost, and the command goes on to its end and its own exit code. */
export function outliveReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
}
