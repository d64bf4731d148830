// The latency check beside load tools that send at a constant rate: 200 requests a second for 10 seconds to a server that waits 50 ms and
// records its own times. What counts is how far each one's percentile 95 is from the truth that the server recorded. The server has
// answered as many requests as come in a second before anybody measures; the check warms itself up as it does by default.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { driveInThread } from "../checks/latency/driver.ts";
import { percentile } from "../checks/percentile.ts";
import { onPath } from "./on-path.ts";

const RATE = 200;
const SECONDS = 10;
const TOGETHER = 10;
const run = promisify(execFile);

interface Candidate {
  name: string;
  /** Percentile 95 in milliseconds, as the tool tells it. */
  measure(url: string): Promise<number>;
}

const own: Candidate = {
  name: "greenlight",
  async measure(url) {
    const driven = await driveInThread(
      {
        url,
        method: "GET",
        headers: [{}],
        perSecond: RATE,
        seconds: SECONDS,
        warmUpSeconds: 1,
        timeoutSeconds: 5,
        maximumInFlight: 5000,
        status: [200, 200],
        abort: { failures: 0, slow: [] },
      },
      AbortSignal.timeout(60_000),
    );
    return percentile(driven.milliseconds, 95);
  },
};

const peers: { [tool: string]: Candidate["measure"] } = {
  async vegeta(url) {
    const attack = `echo "GET ${url}" | vegeta attack -rate=${RATE} -duration=${SECONDS}s | vegeta report -type=json`;
    const { stdout } = await run("sh", ["-c", attack]);
    const { latencies }: { latencies: { "95th": number } } = JSON.parse(stdout);
    return latencies["95th"] / 1e6;
  },
  async oha(url) {
    const args = ["-q", String(RATE), "-z", `${SECONDS}s`, "--no-tui", "--json", "--latency-correction", url];
    const { stdout } = await run("oha", args);
    const { latencyPercentiles }: { latencyPercentiles: { p95: number } } = JSON.parse(stdout);
    return latencyPercentiles.p95 * 1000;
  },
};

/** A Markdown table; a peer that is not on PATH is left out by name. */
export async function benchLatency(rounds: number): Promise<string> {
  const found = Object.entries(peers).filter(([tool]) => onPath(tool));
  const absent = Object.keys(peers).filter((tool) => !onPath(tool));
  const candidates = [own, ...found.map(([name, measure]) => ({ name, measure }))];
  const errors = new Map<string, number[]>(candidates.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++)
    for (const candidate of candidates) errors.get(candidate.name)?.push(await errorOf(candidate));
  const rows = [...errors].map(([name, all]) => {
    const sorted = all.toSorted((a, b) => a - b);
    return `| ${name} | ${[sorted[0], percentile(sorted, 50), sorted.at(-1)].map((ms) => ms?.toFixed(2)).join(" | ")} |`;
  });
  return [
    `### Latency: percentile 95 of ${RATE} requests/s for ${SECONDS} s, milliseconds above the server's own record`,
    "",
    "| | min | median | max |",
    "|---|---|---|---|",
    ...rows,
    ...(absent.length > 0 ? ["", `Not on PATH: ${absent.join(", ")}.`] : []),
    "",
  ].join("\n");
}

async function errorOf(candidate: Candidate): Promise<number> {
  const server = spawn(process.execPath, [new URL("./latency-server.ts", import.meta.url).pathname], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  try {
    const lines = createInterface(server.stdout);
    const [port] = await once(lines, "line");
    const url = `http://127.0.0.1:${port}/`;
    for (let round = 0; round < RATE / TOGETHER; round++)
      await Promise.all(Array.from({ length: TOGETHER }, () => fetch(url).then((answer) => answer.text())));
    const seen = await candidate.measure(url);
    const answer = await fetch(`http://127.0.0.1:${port}/truth`);
    const answered: number[] = JSON.parse(await answer.text());
    // Without those of the warm-up.
    const truth = answered.slice(-RATE * SECONDS).sort((a, b) => a - b);
    return seen - percentile(truth, 95);
  } finally {
    server.kill();
  }
}
