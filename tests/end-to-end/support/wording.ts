// Figures and names of boxes that the evidence need not repeat, each with the reason.

/** By system, box and word. */
export const EXCUSED: { [system: string]: { [box: string]: { [word: string]: string } } } = {
  "hv-consultores": {
    "000-174": { "1 hour": "the two hours that are watched hold it" },
  },
  "queue-worker": {
    "003-049": {
      "2": "the value that runs, WORKER_CONCURRENCY=3, lies between the two",
      "4": "the value that runs, WORKER_CONCURRENCY=3, lies between the two",
    },
  },
  "pfa-vanguard": {
    "002-054": { "5 minutes": "five looks, one a minute" },
    "002-T06": { "0.5 %": "the limit is 0.49 %, so that 0.5 % itself is too much" },
  },
};
