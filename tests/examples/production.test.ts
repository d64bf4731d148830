// What an example proves on one machine it proves in production, too: its production stack has every section, setting and named
// item of the local one, and no limit that is weaker. What may be missing stands here with the reason.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { latencyTarget } from "../../checks/latency/definition.ts";
import { judgeRun } from "../../checks/latency/judge.ts";
import { projectRoot } from "../../local/services/layout.ts";
import { readChecklist } from "../../report/checklist.ts";

const SYSTEMS = ["hv-consultores", "support-troubleshooting", "pfa-vanguard", "queue-worker", "khaacho"];

/** Settings of a stack on one machine alone, by path without the names of items. */
const OF_ONE_MACHINE: { [path: string]: string } = {
  "greenlight:system.disposable": "production is not thrown away",
  "greenlight:network.cidrBlock": "production's network exists already",
  "greenlight:cache.url": "the emulator runs no Redis; production's is the one that is made",
  "greenlight:cache.certificateFile": "the authority of this machine's Redis; production's is a public one",
  "greenlight:provisioned.cacheKey": "the emulator encrypts with no key of anybody; production must",
  "greenlight:release.environment.FAULTS": "switches that make the example wrong on purpose",
  "greenlight:candidate.environment.FAULTS": "switches that make the example wrong on purpose",
  "greenlight:candidate.environment.NODE_EXTRA_CA_CERTS": "the authority of this machine's services",
  "greenlight:build.reports.offline":
    "a machine without the registry can still try the rest; production must audit",
  "greenlight:build.git.withoutGit": "a release of production comes from git",
  "greenlight:build.git.repository": "a repository that the demo makes; production's is where the project is",
  "greenlight:browser.enforcement":
    "a machine without a Chromium can still try the rest; production must look",
  "greenlight:browser.pages.withinSeconds": "time that a busy machine gets",
  "greenlight:health.everySeconds": "production keeps to the default",
  "greenlight:health.withinSeconds": "production keeps to the default",
  "greenlight:agent.intervalSeconds": "production keeps to the default",
  "greenlight:security.redirect.headers": "said by the edge, which production's request passes",
  "greenlight:site.edgeUrl": "the emulator's edge; production's has its own name",
  "greenlight:signOff.directory": "where the demonstration people sign; production's sign in the repository",
  "greenlight:signOff.waitSeconds": "so long the demonstration people may take",
  "greenlight:record.copies": "a folder of the demo; production keeps to the default",
  "greenlight:release.environment.PEMS_PORT": "PEMS is somebody else's in production",
  "greenlight:alarms.channels.P2.webhooks":
    "the emulator's way to mail and chat; production has both themselves",
};

/** Lists that are shorter in production. */
const SHORTER: { [path: string]: string } = {
  "greenlight:release.contents": "PEMS is somebody else's in production",
  "greenlight:alarms.channels.P1.webhooks":
    "the emulator's ways to mail and chat; production has both themselves",
};

const stackFile = z.looseObject({ config: z.record(z.string(), z.unknown()) });
type Settings = { [name: string]: unknown };

async function configOf(system: string, stack: string): Promise<Settings> {
  const path = join(projectRoot, "examples", system, `Pulumi.${stack}.yaml`);
  return stackFile.parse(parse(await readFile(path, "utf8"))).config;
}

const isMap = (value: unknown): value is Settings =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const nameOf = (item: unknown) => (isMap(item) && typeof item.name === "string" ? item.name : undefined);

interface Gap {
  /** Without the names of items. */
  path: string;
  what: string;
}

/** What the second has not, or has weaker. */
function gaps(first: unknown, second: unknown, path = "", shown = ""): Gap[] {
  if (isMap(first) && isMap(second))
    return Object.entries(first).flatMap(([key, value]) => {
      const [at, as] = [path === "" ? key : `${path}.${key}`, shown === "" ? key : `${shown}.${key}`];
      return key in second ? gaps(value, second[key], at, as) : [{ path: at, what: `${as}: missing` }];
    });
  if (Array.isArray(first) && Array.isArray(second)) {
    if (!first.every((item) => nameOf(item) !== undefined))
      return second.length < first.length
        ? [{ path, what: `${shown}: ${second.length} of ${first.length}` }]
        : [];
    return first.flatMap((item) => {
      const other = second.find((one) => nameOf(one) === nameOf(item));
      const as = `${shown}.${nameOf(item)}`;
      return other === undefined ? [{ path: as, what: `${as}: missing` }] : gaps(item, other, path, as);
    });
  }
  return isWeaker(path.split(".").at(-1) ?? "", first, second)
    ? [{ path, what: `${shown}: ${second}, on one machine ${first}` }]
    : [];
}

/** A limit that lets more through. */
function isWeaker(key: string, first: unknown, second: unknown): boolean {
  if (typeof first !== "number" || typeof second !== "number") return false;
  if (/^(p50|p95|p99|maximum|above|limitSeconds)/.test(key)) return second > first;
  return /^(minimum|below|retentionDays|perSecond|count)/.test(key) && second < first;
}

describe.each(SYSTEMS)("%s in production", (system) => {
  it("has every section, setting and named item of the local stack, and no weaker limit", async () => {
    const found = gaps(await configOf(system, "local"), await configOf(system, "production"));
    const open = found.filter(({ path }) => !(path in OF_ONE_MACHINE) && !(path in SHORTER));
    expect(open.map(({ what }) => what)).toEqual([]);
  });
});

it("finds a section, a setting, an item and a limit that production lacks", () => {
  const local = { smoke: { file: "a" }, marks: [{ name: "hour", minutes: 60, maximum: 1 }], list: [1, 2] };
  const weaker = { marks: [{ name: "hour", maximum: 2 }], list: [1] };
  expect(gaps(local, weaker).map(({ what }) => what)).toEqual([
    "smoke: missing",
    "marks.hour.minutes: missing",
    "marks.hour.maximum: 2, on one machine 1",
    "list: 1 of 2",
  ]);
  expect(gaps(local, { ...local, marks: [] }).map(({ what }) => what)).toEqual(["marks.hour: missing"]);
  expect(gaps(local, local)).toEqual([]);
});

it("excuses nothing that no example lacks", async () => {
  const all = await Promise.all(
    SYSTEMS.map(async (system) =>
      gaps(await configOf(system, "local"), await configOf(system, "production")),
    ),
  );
  const seen = new Set(all.flat().map(({ path }) => path));
  expect([...Object.keys(OF_ONE_MACHINE), ...Object.keys(SHORTER)].filter((path) => !seen.has(path))).toEqual(
    [],
  );
});

// Where nothing runs before a first release, it is compared with the candidate: no network lies before that one.
describe.each([
  ["hv-consultores", "production"],
  ["queue-worker", "production"],
  ["queue-worker", "staging"],
])("the latency of %s in %s", (system, stack) => {
  const verdicts = async (before: number, now: number) => {
    const latency = z
      .object({ targets: z.array(latencyTarget()) })
      .parse((await configOf(system, stack))["greenlight:latency"]);
    const milliseconds = Float64Array.from({ length: 2000 }, () => now);
    const run = { planned: 2000, sent: 2000, failures: {}, lagMilliseconds: Float64Array.from([0]) };
    return latency.targets.map((target) =>
      judgeRun(target, { ...run, milliseconds, seconds: target.seconds, aborted: undefined }, before)
        .filter(({ id }) => id.endsWith("-baseline"))
        .map(({ result }) => result),
    );
  };

  it("takes the way to the edge for no degradation, and one of a half for one, on every target", async () => {
    const count = (await verdicts(1, 1)).length;
    expect(await verdicts(3, 90)).toEqual(Array(count).fill(["passed"]));
    expect(await verdicts(300, 460)).toEqual(Array(count).fill(["failed"]));
  });
});

it("Khaacho's answers take less than 500 ms: half of them on one machine, 95 % of them in production", async () => {
  const targets = z.object({
    targets: z.array(z.looseObject({ name: z.string(), p50: z.number(), p95: z.number() })),
  });
  for (const stack of ["local", "production"]) {
    const read = targets.parse((await configOf("khaacho", stack))["greenlight:latency"]).targets;
    expect(read.map(({ name }) => name)).toEqual(["health", "products", "queue-stats"]);
    const limits = read.map(({ p50, p95 }) => (stack === "production" ? p95 : p50));
    expect(Math.max(...limits)).toBeLessThanOrEqual(500);
  }
  const list = readChecklist(
    await readFile(join(projectRoot, "examples/khaacho/checklist.yaml"), "utf8"),
    "",
  );
  expect(list.boxes.find(({ id }) => id === "004-058")?.item).toMatch(
    /^Half of .* in production 95 % of them$/,
  );
});
