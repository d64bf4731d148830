// Figures and names of boxes that the evidence need not repeat, each with the reason.

/** By system, box and word. */
export const EXCUSED: { [system: string]: { [box: string]: { [word: string]: string } } } = {
  "queue-worker": {
    "003-049": {
      "2": "the value that runs, WORKER_CONCURRENCY=3, lies between the two",
      "4": "the value that runs, WORKER_CONCURRENCY=3, lies between the two",
    },
  },
};
