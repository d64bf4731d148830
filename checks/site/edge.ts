// What visitors get: every file fetched from the edge and compared with the build, byte for byte, with type, caching and
// security headers.
import { createHash } from "node:crypto";
import { lookup } from "mrmime";
import { faultsOf, type Matcher } from "../http/expectation.ts";
import { attempt } from "../http/request.ts";
import { inParallel } from "../in-parallel.ts";
import { type Observation, observe } from "../step/definition.ts";
import { AT_ONCE } from "./bucket.ts";
import { CACHE_CONTROL, type SiteFile } from "./files.ts";
import type { References } from "./references.ts";

export interface Edge {
  /** Where the site answers, e.g. `https://www.example.com`. */
  url: string;
  /** Sent with every request, e.g. a host name while the DNS still points elsewhere. */
  headers: { [name: string]: string };
}

/** Observation `edge-bytes`: each file has the build's bytes, its type and its caching. */
export async function judgeBytes(edge: Edge, files: SiteFile[], signal: AbortSignal): Promise<Observation> {
  const faults: string[] = [];
  await inParallel(files, AT_ONCE, async (file) => {
    const answer = await fetchPath(edge, file.path, signal);
    const sha256 = createHash("sha256").update(answer.bytes).digest("hex");
    if (answer.status === 0) {
      faults.push(`/${file.path}: ${answer.text}`);
      return;
    }
    const seen = [
      ...(answer.status === 200 ? [] : [`status ${answer.status}`]),
      ...(answer.status === 200 && sha256 !== file.sha256 ? [`sha-256 ${sha256.slice(0, 12)}…`] : []),
      ...differing("content-type", answer.headers["content-type"], file.contentType),
      ...differing("cache-control", answer.headers["cache-control"], CACHE_CONTROL[file.kind]),
    ];
    if (seen.length > 0) faults.push(`/${file.path}: ${seen.join(", ")}`);
  });
  return observe(
    "edge-bytes",
    faults.length === 0,
    `${files.length} files served as built, with their type and caching`,
    faults.length === 0 ? `${files.length} files equal` : `${faults.length} differ: ${few(faults.sort())}`,
  );
}

// As many as tell whether they are served; a site may have thousands.
const MOST_OLD_ASSETS = 50;

/** Observation `old-assets`: who has an older page open still gets what it refers to. */
export async function judgeOldAssets(
  edge: Edge,
  kept: string[],
  keepDays: number,
  signal: AbortSignal,
): Promise<Observation> {
  const id = "old-assets";
  const expected = `assets of earlier builds are served for ${keepDays} days`;
  if (kept.length === 0)
    return { id, result: "notApplicable", expected, observed: "no asset of an earlier build is there" };
  const looked = kept.slice(0, MOST_OLD_ASSETS);
  const faults: string[] = [];
  await inParallel(looked, AT_ONCE, async (path) => {
    const { status } = await fetchPath(edge, path, signal);
    if (status !== 200) faults.push(`/${path}: status ${status}`);
  });
  const seen =
    faults.length === 0 ? `${looked.length} of ${kept.length} asked for, all served` : few(faults.sort());
  return observe(id, faults.length === 0, expected, seen);
}

/** Observation `references`: everything that the site refers to within itself answers 200, and every script can be read. */
export async function judgeReferences(
  edge: Edge,
  { found, unreadable }: References,
  files: SiteFile[],
  signal: AbortSignal,
): Promise<Observation> {
  // Those of the build were fetched already; others may be assets of an earlier build, or missing.
  const built = new Set(files.map((file) => file.path));
  const others = [...new Set(found.map(({ to }) => to))].filter((path) => !built.has(path));
  const faults = [...unreadable];
  await inParallel(others, AT_ONCE, async (path) => {
    const { status, headers } = await fetchPath(edge, path, signal);
    const from = found.find(({ to }) => to === path)?.from;
    const fault = status === 200 ? pageInstead(path, headers["content-type"]) : `status ${status}`;
    if (fault !== undefined) faults.push(`/${path}: ${fault}, referred to by /${from}`);
  });
  return observe(
    "references",
    faults.length === 0,
    `${found.length} references within the site answer 200`,
    faults.length === 0 ? "none is broken" : `${faults.length} broken: ${few(faults.sort())}`,
  );
}

/** The edge of a single page answers 200 with it for every file that is missing. Paths without a known ending may be its own. */
function pageInstead(path: string, seen: string | undefined): string | undefined {
  const wanted = lookup(path);
  if (wanted === undefined || wanted === "text/html" || !seen?.startsWith("text/html")) return undefined;
  return `a page instead of ${wanted}`;
}

/** Observations `response-headers` and `https-redirect`. */
export async function judgeHeaders(
  edge: Edge,
  wanted: { [name: string]: Matcher },
  redirect: Edge | undefined,
  signal: AbortSignal,
): Promise<Observation[]> {
  const answer = await fetchPath(edge, "index.html", signal);
  const faults = faultsOf(answer, { status: 200, headers: wanted, json: {} });
  const asked = Object.entries(wanted).map(([name, value]) => [name.toLowerCase(), value] as const);
  const headers: Observation =
    asked.length === 0
      ? {
          id: "response-headers",
          result: "notApplicable",
          expected: "no header is asked for",
          observed: "not looked at",
        }
      : observe(
          "response-headers",
          faults.length === 0,
          `index.html with ${asked.map(([name, value]) => `${name} ${JSON.stringify(value)}`).join(", ")}`,
          faults.join("; ") || asked.map(([name]) => `${name}: ${answer.headers[name]}`).join("; "),
        );
  return redirect === undefined ? [headers] : [headers, await judgeRedirect(redirect, signal)];
}

async function judgeRedirect(redirect: Edge, signal: AbortSignal): Promise<Observation> {
  const { status, headers } = await fetchPath(redirect, "", signal);
  const location = headers.location ?? "none";
  return observe(
    "https-redirect",
    [301, 308].includes(status) && location.startsWith("https://"),
    "301 or 308 from http to https",
    `status ${status}, location ${location}`,
  );
}

/** No answer is an answer of status 0, so that one file's trouble does not hide the others'. */
async function fetchPath(edge: Edge, path: string, signal: AbortSignal) {
  const answer = await attempt({
    url: new URL(`/${addressOf(path)}`, edge.url).href,
    headers: { "accept-encoding": "identity", ...edge.headers },
    timeoutSeconds: 30,
    signal,
  });
  if (!("error" in answer)) return answer;
  const headers: { [name: string]: string } = {};
  return { status: 0, headers, bytes: Buffer.alloc(0), text: answer.error, milliseconds: 0 };
}

/** As browsers ask for it: another spelling of the same name would be another entry of a cache. */
function addressOf(path: string): string {
  return encodeURI(path).replace(/[?#]/g, encodeURIComponent);
}

function differing(name: string, seen: string | undefined, wanted: string): string[] {
  return seen === wanted ? [] : [`${name} ${seen ?? "missing"} instead of ${wanted}`];
}

function few(faults: string[]): string {
  return faults.slice(0, 5).join("; ") + (faults.length > 5 ? " …" : "");
}
