// One release: the version before, the command under a probe, the version after on every instance.
import { setTimeout as pause } from "node:timers/promises";
import type { ReleaseInputs } from "../release.ts";
import { type Facts, type Finding, type Observation, observe, type StepContext } from "../step/definition.ts";
import { type Ended, runCommand } from "./command.ts";
import { type Downtime, measureDowntime, startProbe } from "./probe.ts";
import { type Rollout, readVersion, waitForVersion } from "./version.ts";

const PROBE_SECONDS = 0.1;

export async function runRelease(given: ReleaseInputs, { log, signal }: StepContext): Promise<Finding> {
  const before = await readVersion(given, signal);
  log(
    `before: ${before.version === undefined ? `no version (${before.fault})` : `version ${before.version}`}`,
  );
  // Aborted also when the step is, so that no request outlives it.
  const ending = new AbortController();
  const probe = startProbe(given.probeUrl ?? given.versionUrl, {
    everySeconds: PROBE_SECONDS,
    timeoutSeconds: given.probeTimeoutSeconds,
    signal: AbortSignal.any([signal, ending.signal]),
  });
  try {
    const environment = { ...given.environment, ...given.secretEnvironment };
    const ended = await runCommand(
      { command: given.command, directory: given.directory, environment },
      log,
      signal,
    );
    const rollout = ended.exitCode === 0 ? await waitForVersion(given, { ...given, signal }) : undefined;
    if (rollout?.complete) await pause(given.settleSeconds * 1000, undefined, { signal });
    const samples = await probe.stop();
    const downtime = measureDowntime(samples);
    // The first request was made before the command: what has no version to tell, or did not tell it once, serves people all the same.
    const answeredBefore = before.version !== undefined || samples[0]?.fault === undefined;
    return {
      observations: [
        judgeCommand(ended),
        judgeVersion(given, rollout),
        ...judgeDowntime(given, downtime, answeredBefore),
      ],
      facts: factsOf(given, before.version, ended, rollout, downtime),
    };
  } finally {
    ending.abort();
    await probe.stop();
  }
}

function judgeCommand(ended: Ended): Observation {
  const seen = `exit ${ended.exitCode ?? "by a signal"} after ${ended.seconds.toFixed(1)} s`;
  const said = ended.exitCode === 0 ? "" : `; it said: ${ended.tail.join(" | ") || "nothing"}`;
  return observe("command", ended.exitCode === 0, "the release command ends with exit 0", seen + said);
}

function judgeVersion(given: ReleaseInputs, rollout: Rollout | undefined): Observation {
  const expected = `version ${given.version} on ${given.instances} of ${given.instances} instances within ${given.withinSeconds} s`;
  if (!rollout)
    return { id: "version", result: "inconclusive", expected, observed: "not looked at: the command failed" };
  const others = rollout.others.length === 0 ? "" : `; also seen: ${rollout.others.slice(0, 3).join(", ")}`;
  const observed = `version ${given.version} on ${rollout.updated} of ${given.instances} after ${rollout.seconds.toFixed(1)} s${others}`;
  return observe("version", rollout.complete, expected, observed);
}

/** Observations `downtime` and, where it is asked for, `zero-downtime`. */
export function judgeDowntime(
  given: { zeroDowntime: boolean; maximumDowntimeSeconds?: number },
  seen: Downtime,
  answeredBefore: boolean,
): Observation[] {
  const fault = seen.firstFault === undefined ? "" : `; first: ${seen.firstFault}`;
  const end = seen.downAtEnd ? ", down at the end" : "";
  const observed = `${seen.downtimeSeconds} s down, ${seen.errors} of ${seen.requests} requests without an answer${end}${fault}`;
  const isOver = !seen.downAtEnd;
  const limit = given.maximumDowntimeSeconds;
  const measured: Observation =
    limit === undefined
      ? { id: "downtime", result: "notApplicable", expected: "no limit is set", observed }
      : observe(
          "downtime",
          isOver && seen.downtimeSeconds <= limit,
          `at most ${limit} s without an answer`,
          observed,
        );
  const zero = observe("zero-downtime", seen.errors === 0, "every request is answered throughout", observed);
  const all = given.zeroDowntime ? [measured, zero] : [measured];
  if (answeredBefore) return all;
  const reason = `nothing answered before this release; ${observed}`;
  // Nobody was there to miss it; that it came up within the limit is still shown.
  return all.map((o) =>
    o === measured && o.result === "passed"
      ? { ...o, observed: reason }
      : { ...o, result: "notApplicable" as const, observed: reason },
  );
}

function factsOf(
  given: ReleaseInputs,
  previousVersion: string | undefined,
  ended: Ended,
  rollout: Rollout | undefined,
  downtime: Downtime,
): Facts {
  return {
    version: given.version,
    previousVersion: previousVersion ?? null,
    commandSeconds: ended.seconds,
    rolloutSeconds: rollout?.seconds ?? null,
    requests: downtime.requests,
    errors: downtime.errors,
    downtimeSeconds: downtime.downtimeSeconds,
    directory: given.directory,
    stopCommand: given.stopCommand ?? null,
  };
}
