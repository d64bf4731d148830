// Jobs of one list, begun a little before their turn: some at once, so that one's waiting is another's work, and never more, since
// each is several processes.

export class Ahead<Job> {
  readonly #jobs: readonly Job[];
  readonly #run: (job: Job) => Promise<void>;
  readonly #atOnce: number;
  readonly #outcomes = new Map<Job, Promise<void>>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(jobs: readonly Job[], atOnce: number, run: (job: Job) => Promise<void>) {
    this.#jobs = jobs;
    this.#atOnce = atOnce;
    this.#run = run;
  }

  /** The outcome of a job. Those that follow it in the list are begun as soon as there is a place. */
  outcome(job: Job): Promise<void> {
    const place = this.#jobs.indexOf(job);
    const begun = this.#begin(job);
    for (const next of this.#jobs.slice(place + 1, place + 1 + this.#atOnce)) void this.#begin(next);
    return begun;
  }

  /** Waits for what was begun. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#outcomes.values());
  }

  #begin(job: Job): Promise<void> {
    const begun = this.#outcomes.get(job) ?? this.#inPlace(job);
    this.#outcomes.set(job, begun);
    // Told to whoever asks for it.
    begun.catch(() => {});
    return begun;
  }

  async #inPlace(job: Job): Promise<void> {
    if (this.#running < this.#atOnce) this.#running++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      await this.#run(job);
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}
