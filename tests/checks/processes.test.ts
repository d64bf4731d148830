// Every limit with both neighbours, on what pm2 and Linux tell.
import { describe, expect, it } from "vitest";
import { judgeProcesses, type Seen } from "../../checks/processes/judge.ts";
import { countOf, listOf } from "../../checks/processes/read.ts";
import { managed } from "../../checks/processes.ts";

const MEGABYTE = 1024 * 1024;
const wanted = managed().parse({
  name: "worker",
  instances: 2,
  memoryMegabytes: { minimum: 512, maximum: 1024 },
  processors: { minimum: 0.5, maximum: 1 },
  diskMegabytes: 1000,
});
const good: Seen = {
  ...{ name: "worker", id: 0, pid: 1, status: "online", restarts: 0, folder: "/" },
  ...{ memoryBytes: 1024 * MEGABYTE, processors: 1, diskMegabytes: 1000 },
};

/** What is not passed when the second process differs. */
function faults(different: Partial<Seen>, others: Seen[] = []): string[] {
  const observations = judgeProcesses(wanted, [good, { ...good, id: 1, ...different }, ...others]);
  return observations
    .filter(({ result }) => result !== "passed")
    .map(({ id, observed }) => `${id}: ${observed}`);
}

describe("processes", () => {
  it.each<[Partial<Seen>, string[]]>([
    [{}, []],
    [{ status: "errored" }, ["worker-online: 1 of 2 online"]],
    [{ memoryBytes: 512 * MEGABYTE }, []],
    [{ memoryBytes: 511 * MEGABYTE }, ["worker-memory-limit: 1024, 511"]],
    [{ memoryBytes: 1025 * MEGABYTE }, ["worker-memory-limit: 1024, 1025"]],
    [{ memoryBytes: undefined }, ["worker-memory-limit: 1024, no limit"]],
    [{ processors: 2 }, ["worker-processor-limit: 1, 2"]],
    [{ diskMegabytes: 999 }, ["worker-disk: 1000, 999"]],
  ])("with %j have the faults %j", (different, expected) => {
    expect(faults(different)).toEqual(expected);
  });

  it("are exactly as many as wanted", () => {
    expect(faults({}, [good])).toEqual(["worker-online: 3 of 3 online"]);
    expect(judgeProcesses(wanted, []).map(({ result }) => result)).toEqual(Array(4).fill("failed"));
  });

  it("have a limit of processors only where the system tells it", () => {
    const silent = { ...good, processors: undefined };
    const found = judgeProcesses({ ...wanted, instances: 1 }, [silent]);
    expect(found.find(({ id }) => id === "worker-processor-limit")?.result).toBe("notApplicable");
  });

  it.each([
    ["0", 1],
    ["0-1", 2],
    ["0-2,5", 4],
  ])("may run on the processors %s: %i", (ranges, count) => {
    expect(countOf(ranges)).toBe(count);
  });

  it("are listed after what a daemon says first, and pm2 without a list is named", () => {
    const told = { name: "worker", pid: 1, pm_id: 0, pm2_env: { status: "online", pm_cwd: "/" } };
    const [found] = listOf(`[PM2] Spawning daemon\n${JSON.stringify([told])}`);
    expect(found).toMatchObject({ name: "worker", id: 0, restarts: 0 });
    for (const nothing of ["pm2: cannot reach the daemon\n", "", "[{ cut", "x5"])
      expect(() => listOf(nothing)).toThrow(
        `pm2 jlist: no list of processes: ${JSON.stringify(nothing.trim())}`,
      );
  });
});
