// The site check against a bucket and a distribution of the AWS emulator, whose edge really serves.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DeleteBucketPolicyCommand, HeadObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { judgeAway } from "../../checks/site/away.ts";
import { judgeBudget, siteBudget } from "../../checks/site/budget.ts";
import { contentTypeOf, digestOfSite, kindOf, readSite } from "../../checks/site/files.ts";
import { referencesOf } from "../../checks/site/references.ts";
import { judgeTotalSize, pathsOf } from "../../checks/site/run.ts";
import { step } from "../../checks/site.ts";
import { servicesEnvironment } from "../../local/services/services.ts";
import { sharedServices } from "../support/services.ts";
import { createTestSite, type TestSite } from "./support/distribution.ts";
import { inputFaults, runStep } from "./support/run-step.ts";

let directory = "";
let site: TestSite;
const s3 = () => new S3Client({});

beforeAll(async () => {
  Object.assign(process.env, servicesEnvironment(await sharedServices()));
  site = await createTestSite("site-check-test");
  directory = await mkdtemp(join(tmpdir(), "greenlight-site-"));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const BUILD = {
  "index.html":
    '<!doctype html><link rel="stylesheet" href="/assets/style.1a2b3c4d.css"><script type="module" src="assets/main.5e6f7a8b.js"></script><a href="/help/">help</a><a href="https://example.com">other</a>',
  "help/index.html":
    '<!doctype html><img src="../assets/mark.9c8d7e6f.svg" srcset="/assets/mark.9c8d7e6f.svg 2x">',
  "assets/main.5e6f7a8b.js": 'const lazy = () => import("./panel.0a1b2c3d.js"); lazy();',
  "assets/panel.0a1b2c3d.js": "export const panel = 1;",
  "assets/style.1a2b3c4d.css": 'body { background: url("mark.9c8d7e6f.svg") }',
  "assets/mark.9c8d7e6f.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>',
};

async function build(files: { [path: string]: string | undefined }): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  for (const [path, text] of Object.entries(files)) {
    if (text === undefined) continue;
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), text);
  }
}

const inputs = () => ({
  directory,
  ...site,
  redirectUrl: site.edgeUrl,
  headers: { "strict-transport-security": "max-age=31536000; includeSubDomains" },
  maximumBytes: 5_000_000,
});

beforeEach(() => build(BUILD));

describe("site", () => {
  it("keeps assets of an earlier build, and proves that they are still served", async () => {
    await runStep(step, inputs());
    await build({
      ...BUILD,
      "assets/panel.0a1b2c3d.js": undefined,
      "assets/panel.9f8e7d6c.js": "export const panel = 2;",
    });
    const ran = await runStep(step, inputs());
    expect(ran.seen("old-assets")).toMatchObject({
      result: "passed",
      observed: "1 of 1 asked for, all served",
    });
    await s3().send(new DeleteBucketPolicyCommand({ Bucket: site.bucket }));
    const other = await createTestSite("site-check-test-old");
    const shut = await runStep(step, { ...inputs(), edgeHeaders: other.edgeHeaders });
    expect(shut.seen("old-assets").result).toBe("failed");
    site = await createTestSite("site-check-test-2");
  });

  it("publishes a site, proves it at the edge, and uploads nothing when nothing changed", async () => {
    const first = await runStep(step, inputs());
    expect(first.observations.map(({ id, result }) => `${id} ${result}`)).toEqual([
      "invalidation passed",
      "edge-bytes passed",
      "references passed",
      "response-headers passed",
      "https-redirect passed",
      "size passed",
      "old-assets notApplicable",
      "downtime passed",
    ]);
    expect(first.facts).toMatchObject({ fileCount: 6, uploaded: 6, unchanged: 0 });
    expect(Object.keys(Object(first.facts.manifest))).toHaveLength(6);
    const head = await s3().send(
      new HeadObjectCommand({ Bucket: site.bucket, Key: "assets/main.5e6f7a8b.js" }),
    );
    expect(head.CacheControl).toBe("public, max-age=31536000, immutable");
    const second = await runStep(step, inputs());
    expect(second.facts).toMatchObject({ uploaded: 0, unchanged: 6 });
    expect(second.seen("invalidation")).toMatchObject({
      result: "notApplicable",
      observed: "no file changed",
    });
  });

  it("keeps assets of the build before, and removes its documents", async () => {
    await runStep(step, inputs());
    const { "help/index.html": _help, "assets/panel.0a1b2c3d.js": _panel, ...rest } = BUILD;
    await build({ ...rest, "index.html": "<!doctype html>new", "assets/main.5e6f7a8b.js": "1" });
    const { facts, seen } = await runStep(step, inputs());
    expect(facts.removed).toEqual(["help/index.html"]);
    expect(seen("invalidation").observed).toContain("/help/");
    const kept = await s3().send(
      new HeadObjectCommand({ Bucket: site.bucket, Key: "assets/panel.0a1b2c3d.js" }),
    );
    expect(kept.ContentLength).toBe(BUILD["assets/panel.0a1b2c3d.js"].length);
    expect((await runStep(step, { ...inputs(), keepAssetDays: 0 })).facts.removed).toEqual([
      "assets/panel.0a1b2c3d.js",
    ]);
  });

  it("keeps an asset as long as asked from when a build had it no longer, not from when it was uploaded", async () => {
    const { "assets/panel.0a1b2c3d.js": _panel, ...rest } = BUILD;
    const publish = async (afterDays: number) => {
      vi.useFakeTimers({ toFake: ["Date"], now: started + afterDays * 86_400_000 });
      const ran = await runStep(step, inputs()).finally(() => vi.useRealTimers());
      return [ran.facts.removed, ran.seen("old-assets").observed];
    };
    const started = Date.now();
    await publish(0);
    await build(rest);
    const kept = [[], "1 of 1 asked for, all served"];
    expect(await publish(45)).toEqual(kept);
    expect(await publish(74)).toEqual(kept);
    await build(BUILD);
    expect(await publish(75)).toEqual([[], "no asset of an earlier build is there"]);
    await build(rest);
    expect(await publish(80)).toEqual(kept);
    expect(await publish(111)).toEqual([
      ["assets/panel.0a1b2c3d.js"],
      "no asset of an earlier build is there",
    ]);
  });

  it("keeps scripts and styles whose name is a hash without a digit, and removes what has a name of words", async () => {
    const others = {
      "assets/panel-BxKqWePa.js": "1",
      "assets/panel-DkTyRmaa.css": "",
      "user-guide-v2.pdf": "2",
      "service-worker.js": "3",
    };
    await build({ ...BUILD, ...others });
    await runStep(step, inputs());
    await build(BUILD);
    const { facts, seen } = await runStep(step, inputs());
    expect(facts.removed).toEqual(["service-worker.js", "user-guide-v2.pdf"]);
    expect(seen("old-assets").observed).toBe("2 of 2 asked for, all served");
    await runStep(step, { ...inputs(), keepAssetDays: 0 });
  });

  it("brings recorded versions of objects back, and uploads what is no longer kept", async () => {
    const { facts } = await runStep(step, inputs());
    const manifest = facts.manifest as { [path: string]: { sha256: string; versionId: string } };
    const { "help/index.html": _help, ...rest } = BUILD;
    await build({ ...rest, "index.html": "<!doctype html>new" });
    await runStep(step, inputs());
    await build(BUILD);
    const missing = {
      sha256: "",
      ...manifest["help/index.html"],
      versionId: "00000000-0000-4000-8000-000000000000",
    };
    const gone = { ...manifest, "help/index.html": missing };
    const back = await runStep(step, { ...inputs(), recorded: gone });
    expect(back.facts).toMatchObject({ uploaded: 2, returned: 1, unchanged: 4 });
    expect(back.seen("edge-bytes").result).toBe("passed");
    const again = await runStep(step, { ...inputs(), recorded: manifest });
    expect(again.facts).toMatchObject({ uploaded: 0, returned: 0, unchanged: 6 });
  });

  it("publishes files of any name, proves them, and brings their versions back", async () => {
    const odd = {
      "index.html": '<a href="c%2B%2B%20%231%3F.html">next</a>',
      "c++ #1?.html": "<p>a</p>",
      "blog/[slug]/ü & 100%.html": "<p>b</p>",
      "broken.js": "function ( {",
    };
    await build(odd);
    const first = await runStep(step, inputs());
    expect(first.seen("edge-bytes")).toMatchObject({ result: "passed", observed: "4 files equal" });
    expect(first.seen("references")).toMatchObject({
      result: "failed",
      observed: "1 broken: /broken.js: Parse error @:1:1",
    });
    await build({ ...odd, "c++ #1?.html": "<p>c</p>", "blog/[slug]/ü & 100%.html": "<p>d</p>" });
    await runStep(step, inputs());
    await build(odd);
    const back = await runStep(step, {
      ...inputs(),
      recorded: first.facts.manifest as { [path: string]: { sha256: string; versionId: string } },
    });
    expect(back.facts).toMatchObject({ uploaded: 2, returned: 2, unchanged: 2 });
    expect(back.seen("edge-bytes").result).toBe("passed");
  });

  it("fails when the edge serves other bytes than were built", async () => {
    await runStep(step, inputs());
    const head = await s3().send(new HeadObjectCommand({ Bucket: site.bucket, Key: "help/index.html" }));
    await s3().send(
      new PutObjectCommand({
        Bucket: site.bucket,
        Key: "help/index.html",
        Body: "defaced",
        ContentType: head.ContentType,
        CacheControl: head.CacheControl,
        Metadata: head.Metadata,
      }),
    );
    const { seen } = await runStep(step, inputs());
    expect(seen("edge-bytes")).toMatchObject({ result: "failed" });
    expect(seen("edge-bytes").observed).toMatch(/^1 differ: \/help\/index.html: sha-256 /);
    await s3().send(new PutObjectCommand({ Bucket: site.bucket, Key: "help/index.html", Body: "x" }));
  });

  it("fails when a page refers to a chunk that is not there", async () => {
    await build({ ...BUILD, "assets/main.5e6f7a8b.js": 'import("./gone.11aa22bb.js")' });
    const { seen } = await runStep(step, inputs());
    expect(seen("references")).toMatchObject({ result: "failed" });
    expect(seen("references").observed).toContain(
      "/assets/gone.11aa22bb.js: status 403, referred to by /assets/main.5e6f7a8b.js",
    );
  });

  it("fails when a header is missing or the site is too large", async () => {
    const wanted = {
      ...inputs(),
      headers: { "content-security-policy": { contains: "default-src 'self'" } },
    };
    const { seen } = await runStep(step, { ...wanted, maximumBytes: 10 });
    expect(seen("response-headers").observed).toContain(
      "header content-security-policy: nothing, want contains",
    );
    expect(seen("response-headers").result).toBe("failed");
    expect(seen("size").result).toBe("failed");
  });

  it("fails when http is served instead of redirected", async () => {
    const { seen } = await runStep(step, { ...inputs(), redirectHeaders: site.edgeHeaders });
    expect(seen("https-redirect")).toMatchObject({ result: "failed", observed: "status 200, location none" });
  });

  it("fails when visitors may not read the bucket", async () => {
    const closed = await createTestSite("site-check-closed");
    await s3().send(new DeleteBucketPolicyCommand({ Bucket: closed.bucket }));
    const { seen } = await runStep(step, { ...inputs(), ...closed });
    expect(seen("edge-bytes").observed).toMatch(/^6 differ: .*status 403/);
  });

  it("fails when nothing answers at the edge", async () => {
    const { seen } = await runStep(step, { ...inputs(), edgeUrl: "http://127.0.0.1:1" });
    expect(seen("edge-bytes").observed).toMatch(/^6 differ: .*ECONNREFUSED/);
    expect(seen("response-headers").result).toBe("failed");
  });

  it("throws when there is no build", async () => {
    await build({});
    await expect(runStep(step, inputs())).rejects.toThrow();
    await mkdir(directory, { recursive: true });
    await expect(runStep(step, inputs())).rejects.toThrow(`site "${directory}": no file, want a built site`);
  });

  it("judges the size on both sides of its bound", () => {
    expect(judgeTotalSize(100, 100).result).toBe("passed");
    expect(judgeTotalSize(101, 100).result).toBe("failed");
    expect(judgeTotalSize(101, undefined).result).toBe("notApplicable");
  });

  it("runs again when a byte changes and not otherwise", async () => {
    const before = digestOfSite(directory);
    expect(digestOfSite(directory)).toBe(before);
    await build({ ...BUILD, "index.html": `${BUILD["index.html"]} ` });
    expect(digestOfSite(directory)).not.toBe(before);
  });

  it.each([
    ["assets/app-4f2a9c1d.js", "asset"],
    ["assets/index-DiwrgTda3.css", "asset"],
    ["_next/static/chunks/main.1a2b3c4d.js.map", "asset"],
    ["assets/index-Bx-3_aPq.js", "asset"],
    ["report-20240101.pdf", "document"],
    ["user-guide-v2.pdf", "document"],
    ["og-image-1200x630.png", "document"],
    ["android-chrome-512x512.png", "document"],
    ["index.html", "document"],
    ["a.1a2b3c4d.html", "document"],
    ["service-worker.js", "document"],
    ["favicon.ico", "document"],
  ])("takes %s for an %s", (path, kind) => {
    expect(kindOf(path)).toBe(kind);
  });

  it("knows the types that browsers insist on", () => {
    expect(contentTypeOf("a.js")).toBe("text/javascript; charset=utf-8");
    expect(contentTypeOf("a.css")).toBe("text/css; charset=utf-8");
    expect(contentTypeOf("a.svg")).toBe("image/svg+xml; charset=utf-8");
    expect(contentTypeOf("a.woff2")).toBe("font/woff2");
    expect(contentTypeOf("unknown")).toBe("application/octet-stream");
  });

  it("finds references in pages, scripts and styles, and leaves other hosts out", async () => {
    const { found, unreadable } = await referencesOf(await readSite(directory));
    expect(unreadable).toEqual([]);
    expect(found.map(({ from, to }) => `${from} > ${to}`).sort()).toEqual([
      "assets/main.5e6f7a8b.js > assets/panel.0a1b2c3d.js",
      "assets/style.1a2b3c4d.css > assets/mark.9c8d7e6f.svg",
      "help/index.html > assets/mark.9c8d7e6f.svg",
      "index.html > assets/main.5e6f7a8b.js",
      "index.html > assets/style.1a2b3c4d.css",
      "index.html > help/index.html",
    ]);
  });

  it("finds references to names that are spelt otherwise in an address, and names a script that nobody can read", async () => {
    await build({
      "index.html": '<a href="/c%2B%2B/%5Bid%5D.html">a</a><a href="/100%.html">b</a>',
      "broken.js": "function ( { import('./a.js') ",
    });
    const { found, unreadable } = await referencesOf(await readSite(directory));
    expect(found.map(({ to }) => to)).toEqual(["c++/[id].html", "100%.html"]);
    expect(unreadable).toEqual(["/broken.js: Parse error @:1:1"]);
  });

  it("counts what visitors missed from the first answer on", () => {
    const [missed, answered] = [{ fault: "status 404" }, {}];
    const judged = (...kinds: { fault?: string }[]) =>
      judgeAway(kinds.map((kind, index) => ({ at: index * 6, ...kind })));
    expect(judged(missed, answered, answered)).toMatchObject({
      id: "downtime",
      result: "passed",
      observed: "0.00 min: 0 of 2 requests without an answer, after 1 before it was there for the first time",
    });
    expect(judged(answered, missed, answered)).toMatchObject({
      result: "failed",
      observed: "0.10 min: 1 of 3 requests without an answer; first: status 404",
    });
    expect(judged(missed, missed).result).toBe("failed");
  });

  it("invalidates one by one up to fifteen paths, then everything", () => {
    expect(pathsOf(["index.html", "a b.js"])).toEqual(["/index.html", "/", "/a%20b.js"]);
    const many = (count: number) => Array.from({ length: count }, (_, at) => `${at}.js`);
    expect(pathsOf(many(15))).toHaveLength(15);
    expect(pathsOf(many(16))).toEqual(["/*"]);
  });

  it("refuses options outside their bounds", () => {
    expect(inputFaults(step, { ...inputs(), keepAssetDays: 3650 })).toEqual([]);
    expect(inputFaults(step, { ...inputs(), keepAssetDays: 3651 })).toHaveLength(1);
    expect(inputFaults(step, { ...inputs(), maximumBytes: 0 })).toHaveLength(1);
  });
});

describe("a budget", () => {
  const files = [
    { path: "assets/a.js", sizeBytes: 100 },
    { path: "assets/b.js", sizeBytes: 50 },
    { path: "mark.png", sizeBytes: 400 },
  ];
  it.each([
    [{ files: "*.js", maximumBytes: 100 }, "passed: 2 files with 150 bytes, the largest 100"],
    [{ files: "*.js", maximumBytes: 99 }, "failed: assets/a.js has 100"],
    [{ files: "assets/*", maximumTotalBytes: 149 }, "failed: 150 bytes together"],
    [{ files: "assets/*.js", minimumFiles: 3 }, "failed: 2 files"],
    [{ files: "*.jpg" }, "failed: 0 files"],
    [{ files: "*.jpg", minimumFiles: 0 }, "passed: 0 files with 0 bytes, the largest 0"],
  ])("%j is %s", (given, expected) => {
    const { result, observed } = judgeBudget(siteBudget().parse({ name: "some", ...given }), files);
    expect(`${result}: ${observed}`).toBe(expected);
  });
});
