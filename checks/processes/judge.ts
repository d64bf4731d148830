// What was read of the processes of one application, held against what is wanted.
import type { Managed } from "../processes.ts";
import { type Observation, observe } from "../step/definition.ts";
import type { Process } from "./read.ts";

export type Seen = Process & { processors: number | undefined; diskMegabytes: number };

const MEGABYTE = 1024 * 1024;

/** Each of the processes must be as wanted; without one nothing is. */
export function judgeProcesses(wanted: Managed, seen: Seen[]): Observation[] {
  const { name, instances, memoryMegabytes, processors, diskMegabytes } = wanted;
  const online = seen.filter(({ status }) => status === "online");
  const each = (id: string, expected: string, value: (one: Seen) => number | undefined, good: Good) => {
    const values = seen.map(value);
    const shown = values.map((one) => one ?? "no limit").join(", ");
    return observe(
      `${name}-${id}`,
      seen.length > 0 && values.every((one) => one !== undefined && good(one)),
      expected,
      shown || "no process",
    );
  };
  const within = ({ minimum, maximum }: { minimum: number; maximum: number }) => {
    return (value: number) => value >= minimum && value <= maximum;
  };
  return [
    observe(
      `${name}-online`,
      online.length === instances && seen.length === instances,
      `${instances} processes online`,
      `${online.length} of ${seen.length} online`,
    ),
    ...(memoryMegabytes
      ? [
          each(
            "memory-limit",
            `memory of each limited to ${memoryMegabytes.minimum} to ${memoryMegabytes.maximum} MB`,
            ({ memoryBytes }) => (memoryBytes === undefined ? undefined : Math.round(memoryBytes / MEGABYTE)),
            within(memoryMegabytes),
          ),
        ]
      : []),
    ...(processors ? [judgeProcessors(name, processors, seen, each)] : []),
    ...(diskMegabytes
      ? [
          each(
            "disk",
            `at least ${diskMegabytes} MB of disk for each`,
            (one) => one.diskMegabytes,
            (free) => free >= diskMegabytes,
          ),
        ]
      : []),
  ];
}

type Good = (value: number) => boolean;

function judgeProcessors(
  name: string,
  { minimum, maximum }: NonNullable<Managed["processors"]>,
  seen: Seen[],
  each: (id: string, expected: string, value: (one: Seen) => number | undefined, good: Good) => Observation,
): Observation {
  const expected = `CPU of each limited to ${minimum} to ${maximum} vCPU`;
  if (seen.length > 0 && seen.every(({ processors }) => processors === undefined))
    return {
      id: `${name}-processor-limit`,
      result: "notApplicable",
      expected,
      observed: "this system tells no limit of processors",
    };
  return each(
    "processor-limit",
    expected,
    ({ processors }) => processors,
    (value) => value >= minimum && value <= maximum,
  );
}
