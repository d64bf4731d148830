// Times whole commands side by side: the candidates take turns, so that a machine whose speed drifts is fair to all.
import { spawn } from "node:child_process";

/** One way of doing the job. `prepare` runs untimed before every run. */
export interface Candidate {
  name: string;
  command: string[];
  directory?: string;
  environment?: { [name: string]: string };
  prepare?(): Promise<void> | void;
}

/** Wall seconds over the rounds. */
export interface Measurement {
  name: string;
  minimum: number;
  median: number;
  maximum: number;
}

/** @throws with the end of what it printed when a candidate fails: a failed run is no measurement. */
export async function measure(candidates: Candidate[], rounds: number): Promise<Measurement[]> {
  const times = new Map<string, number[]>(candidates.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const candidate of candidates) {
      await candidate.prepare?.();
      times.get(candidate.name)?.push(await timed(candidate));
    }
  }
  return [...times].map(([name, seconds]) => {
    const sorted = seconds.toSorted((a, b) => a - b);
    const at = (index: number) => sorted[index] ?? Number.NaN;
    return {
      name,
      minimum: at(0),
      median: at(Math.floor(sorted.length / 2)),
      maximum: at(sorted.length - 1),
    };
  });
}

function timed({ name, command, directory, environment }: Candidate): Promise<number> {
  const [program = "", ...args] = command;
  return new Promise((resolve, reject) => {
    const start = process.hrtime.bigint();
    const child = spawn(program, args, {
      cwd: directory,
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let tail = "";
    const keep = (data: Buffer) => {
      tail = (tail + data.toString()).slice(-2_000);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", reject);
    child.on("close", (code) => {
      if (code !== 0) reject(new Error(`${name}: exit code ${code}\n${tail}`));
      else resolve(Number(process.hrtime.bigint() - start) / 1e9);
    });
  });
}

/** A Markdown table with every candidate's time as a ratio to the first one's. */
export function table(title: string, measurements: Measurement[]): string {
  const own = measurements[0]?.median ?? Number.NaN;
  const rows = measurements.map(
    ({ name, minimum, median, maximum }) =>
      `| ${name} | ${minimum.toFixed(2)} | ${median.toFixed(2)} | ${maximum.toFixed(2)} | ${(median / own).toFixed(2)} |`,
  );
  return [
    `### ${title}`,
    "",
    "| | min s | median s | max s | ratio |",
    "|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}
