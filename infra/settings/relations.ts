// What one section says about another: sections that need each other, and what only both together can tell.

import type { Fault } from "./faults.ts";
import { monitoringFaults } from "./monitoring-relations.ts";
import { ENCRYPTED, NEEDS, PROVIDERS, REQUIRED, type Section, type SectionName } from "./sections.ts";

export type Parsed = { [Name in SectionName]?: Section<Name> };

/**
 * Faults between sections.
 * @param present the sections that the stack file has, with or without faults of their own
 * @param parsed those without
 */
export function relationFaults(present: string[], parsed: Parsed): Fault[] {
  return [
    ...REQUIRED.filter((name) => !present.includes(name)).map((name) => ({
      path: [`greenlight:${name}`],
      found: "nothing",
      want: "settings",
      next: `add greenlight:${name}`,
    })),
    ...accountFaults(present, parsed),
    ...cacheNameFaults(parsed),
    ...bucketFaults(parsed),
    ...Object.entries(NEEDS).flatMap(([name, others]) =>
      Object.entries(others)
        .filter(([other]) => present.includes(name) && !present.includes(other))
        .map(([other, reason]) => missing([`greenlight:${name}`], other, reason)),
    ),
    ...Object.entries(parsed.application?.provided ?? {})
      .filter(([, provided]) => !present.includes(PROVIDERS[provided]))
      .map(([variable, provided]) =>
        missing(
          ["greenlight:application", "provided", variable],
          PROVIDERS[provided],
          `${provided} comes from it`,
        ),
      ),
    ...((parsed.candidate?.journeys.length ?? 0) > 0 && !present.includes("smoke")
      ? [missing(["greenlight:candidate", "journeys"], "smoke", "their file is named there")]
      : []),
    ...variableFaults(parsed),
    ...monitoringFaults(parsed),
  ];
}

function accountFaults(present: string[], parsed: Parsed): Fault[] {
  const [first] = ENCRYPTED.filter((name) => present.includes(name));
  if (first === undefined || parsed.system === undefined || parsed.system.awsAccountId !== undefined)
    return [];
  return [
    {
      path: ["greenlight:system", "awsAccountId"],
      found: "nothing",
      want: `the 12 digits of the AWS account, since greenlight:${first} is made in it`,
      next: "add it; `aws sts get-caller-identity` shows it",
    },
  ];
}

/** In us-east-1 S3 answers as if it had made a bucket that the account has: two parts would set each other's retention. */
function bucketFaults({ backup, record, logArchive }: Parsed): Fault[] {
  const named = Object.entries({ backup, record, logArchive }).flatMap(([section, given]) =>
    given?.bucketName === undefined ? [] : [{ section, bucket: given.bucketName }],
  );
  return named.flatMap(({ section, bucket }, index) => {
    const first = named.slice(0, index).find((other) => other.bucket === bucket);
    if (first === undefined) return [];
    return [
      {
        path: [`greenlight:${section}`, "bucketName"],
        found: bucket,
        want: `another bucket than that of greenlight:${first.section}, since each says how long its own keeps things`,
        next: "give it a name of its own, or remove it",
      },
    ];
  });
}

/** Of the 40 characters that ElastiCache takes, 14 are not the system's: `-cache-` and 7 digits. */
function cacheNameFaults({ cache, system }: Parsed): Fault[] {
  if (!cache || !system || (system.name.length <= 26 && !system.name.includes("--"))) return [];
  return [
    {
      path: ["greenlight:system", "name"],
      found: `${JSON.stringify(system.name)}, of ${system.name.length} characters`,
      want: "at most 26 and no two hyphens in a row, since greenlight:cache is named after it and ElastiCache takes no more",
      next: "shorten it, or keep Redis in a stack of its own",
    },
  ];
}

/** Checks sign tokens with variables of the application, and judge others. */
function variableFaults({ application, smoke, browser, security, secrets, latency }: Parsed): Fault[] {
  const groups = [
    application?.environment,
    application?.secrets,
    application?.generated,
    application?.provided,
  ];
  const known = groups.flatMap((group) => Object.keys(group ?? {}));
  const named = Object.entries(smoke?.secrets ?? {}).map(([name, variable]) => ({
    path: ["greenlight:smoke", "secrets", name] as PropertyKey[],
    variable,
  }));
  if (security?.token)
    named.push({ path: ["greenlight:security", "token", "variable"], variable: security.token.variable });
  if (browser?.token)
    named.push({ path: ["greenlight:browser", "token", "variable"], variable: browser.token.variable });
  if (latency?.people)
    named.push({ path: ["greenlight:latency", "people", "variable"], variable: latency.people.variable });
  if (secrets?.token)
    named.push({ path: ["greenlight:secrets", "token", "variable"], variable: secrets.token.variable });
  for (const [index, variable] of (secrets?.variables ?? []).entries())
    named.push({ path: ["greenlight:secrets", "variables", index], variable });
  return named
    .filter(({ variable }) => !known.includes(variable))
    .map(({ path, variable }) => ({
      path,
      found: variable,
      want: "a variable of greenlight:application",
      next: "add it there, or correct the name",
    }));
}

function missing(path: PropertyKey[], section: string, reason: string): Fault {
  return {
    path,
    found: `no section greenlight:${section}`,
    want: `one, since ${reason}`,
    next: `add greenlight:${section}`,
  };
}
