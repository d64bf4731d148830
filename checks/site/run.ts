// One publication of a site: upload, invalidate, look at it as a visitor.
import type { S3Client } from "@aws-sdk/client-s3";
import { startProbe } from "../release/probe.ts";
import type { SiteInputs } from "../site.ts";
import { type Finding, type Observation, observe, type StepContext } from "../step/definition.ts";
import { judgeAway } from "./away.ts";
import { judgeBudget } from "./budget.ts";
import { judgeBytes, judgeHeaders, judgeOldAssets, judgeReferences } from "./edge.ts";
import { readSite, type SiteFile } from "./files.ts";
import { referencesOf } from "./references.ts";
import { type Synced, syncSite } from "./sync.ts";

// CloudFront takes 1,000 paths free of charge a month; more than a few are cheaper as one wildcard.
const MOST_PATHS = 15;
/** Between two requests of a visitor while the site is published. */
const PROBE_SECONDS = 0.2;

export async function runSite(given: SiteInputs, { log, signal }: StepContext): Promise<Finding> {
  const { S3Client: Client } = await import("@aws-sdk/client-s3");
  const files = await readSite(given.directory);
  const s3 = new Client({});
  const probe = startProbe(new URL("/", given.edgeUrl).href, {
    everySeconds: PROBE_SECONDS,
    timeoutSeconds: 5,
    signal,
    headers: given.edgeHeaders,
  });
  const published = publish(s3, given, files, signal).finally(() => s3.destroy());
  const samples = published.then(
    () => probe.stop(),
    () => probe.stop(),
  );
  const { synced, invalidation } = await published;
  log(`${synced.uploaded.length} uploaded, ${synced.unchanged} unchanged, ${synced.removed.length} removed`);
  if (invalidation.seconds > 0) log(`invalidation done after ${invalidation.seconds.toFixed(1)} s`);
  const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
  const edge = { url: given.edgeUrl, headers: given.edgeHeaders };
  const redirect = given.redirectUrl ? { url: given.redirectUrl, headers: given.redirectHeaders } : undefined;
  const references = await referencesOf(files);
  return {
    observations: [
      invalidation.observation,
      await judgeBytes(edge, files, signal),
      await judgeReferences(edge, references, files, signal),
      ...(await judgeHeaders(edge, given.headers, redirect, signal)),
      judgeTotalSize(sizeBytes, given.maximumBytes),
      await judgeOldAssets(edge, synced.kept, given.keepAssetDays, signal),
      judgeAway(await samples),
      ...given.budgets.map((budget) => judgeBudget(budget, files)),
    ],
    facts: {
      fileCount: files.length,
      sizeBytes,
      uploaded: synced.uploaded.length,
      returned: synced.returned.length,
      unchanged: synced.unchanged,
      removed: synced.removed,
      keptAssets: synced.kept.length,
      invalidationSeconds: invalidation.seconds,
      // What a rollback needs: which version of which object was this site.
      manifest: Object.fromEntries(
        files.map(({ path, sha256 }) => [path, { sha256, versionId: synced.versions[path] ?? "" }]),
      ),
    },
  };
}

async function publish(s3: S3Client, given: SiteInputs, files: SiteFile[], signal: AbortSignal) {
  const synced = await syncSite(s3, given.bucket, files, given.keepAssetDays, signal, given.recorded);
  return { synced, invalidation: await invalidate(given, synced, signal) };
}

/** Observation `size`. */
export function judgeTotalSize(sizeBytes: number, maximumBytes: number | undefined): Observation {
  if (maximumBytes === undefined)
    return {
      id: "size",
      result: "notApplicable",
      expected: "no limit is set",
      observed: `${sizeBytes} bytes`,
    };
  const expected = `at most ${maximumBytes} bytes in all`;
  return observe("size", sizeBytes <= maximumBytes, expected, `${sizeBytes} bytes`);
}

async function invalidate(
  { distributionId }: SiteInputs,
  synced: Synced,
  signal: AbortSignal,
): Promise<{ observation: Observation; seconds: number }> {
  const changed = [...synced.uploaded, ...synced.removed];
  const expected = "caches at the edge forget what changed";
  const none = (observed: string) => ({
    observation: { id: "invalidation", result: "notApplicable" as const, expected, observed },
    seconds: 0,
  });
  if (distributionId === undefined) return none("the site has no distribution");
  if (changed.length === 0) return none("no file changed");
  const { CloudFrontClient, CreateInvalidationCommand, waitUntilInvalidationCompleted } = await import(
    "@aws-sdk/client-cloudfront"
  );
  const client = new CloudFrontClient({});
  const started = performance.now();
  try {
    const Items = pathsOf(changed);
    const { Invalidation } = await client.send(
      new CreateInvalidationCommand({
        DistributionId: distributionId,
        InvalidationBatch: {
          CallerReference: `greenlight-${Date.now()}`,
          Paths: { Quantity: Items.length, Items },
        },
      }),
      { abortSignal: signal },
    );
    const waited = await waitUntilInvalidationCompleted(
      { client, maxWaitTime: 900, minDelay: 1, maxDelay: 10, abortSignal: signal },
      { DistributionId: distributionId, Id: Invalidation?.Id },
    );
    const seconds = (performance.now() - started) / 1000;
    const observed = `${Invalidation?.Id} for ${Items.join(", ")}: ${waited.state.toLowerCase()} after ${seconds.toFixed(1)} s`;
    return { observation: observe("invalidation", waited.state === "SUCCESS", expected, observed), seconds };
  } finally {
    client.destroy();
  }
}

/** A document at the end of a folder is also served by the folder's own address. */
export function pathsOf(changed: string[]): string[] {
  const paths = changed.flatMap((path) =>
    path === "index.html" || path.endsWith("/index.html")
      ? [`/${path}`, `/${path.slice(0, -"index.html".length)}`]
      : [`/${path}`],
  );
  return paths.length > MOST_PATHS ? ["/*"] : paths.map((path) => encodeURI(path));
}
