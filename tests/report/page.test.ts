// The page as a browser shows it: light and dark, on a wide and a narrow screen, by keyboard, on paper, with no network.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Launched, launch } from "../../checks/browser/launch.ts";
import { readChecklist } from "../../report/checklist.ts";
import type { History } from "../../report/history.ts";
import { renderHistoryPage } from "../../report/history-page.ts";
import { renderHtml } from "../../report/html.ts";
import { assemble, type Report } from "../../report/report.ts";
import type { StepReport } from "../../report/steps.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const at = {
  startedAt: "2026-05-04T09:12:33.000Z",
  finishedAt: "2026-05-04T09:12:35.500Z",
  durationSeconds: 2.5,
};
const subject = "0123456789abcdef".repeat(4);
const signed = {
  role: "Tech Lead",
  person: "ana@example.com",
  signedAt: at.startedAt,
  subject,
  decision: "go",
};
const steps: StepReport[] = [
  {
    name: "sign-off",
    kind: "sign-off",
    result: "passed",
    observations: [
      { id: "tech-lead", result: "passed", expected: "1 go of Tech Lead", observed: "ana@example.com" },
    ],
    facts: {
      phase: "before",
      roles: ["Tech Lead", "Owner"],
      signed: { "Tech Lead": [{ person: "ana@example.com", signedAt: at.startedAt, comment: "looks good" }] },
      statements: [{ statement: JSON.stringify({ ...signed, comment: "looks good" }) }],
      waivers: [],
      refused: [{ file: "old.json", why: "expired" }],
    },
    ...at,
  },
  {
    name: "backup",
    kind: "backup",
    result: "passed",
    observations: [
      { id: "restored", result: "passed", expected: "pg_restore ends without an error", observed: "in 12 s" },
    ],
    facts: {
      sizeBytes: 1,
      charts: [
        {
          title: "Time to have it back",
          unit: "s",
          limit: 30,
          bars: [
            ["fetch", 2],
            ["restore", 40],
          ],
        },
        {
          title: "Queue",
          unit: "jobs",
          line: [
            [0, 9],
            [5, 4],
            [9, 0],
          ],
        },
      ],
    },
    ...at,
  },
  {
    name: "health",
    kind: "health",
    result: "failed",
    observations: [
      { id: "api", result: "failed", expected: "status 200", observed: "status 503" },
      { id: "mail", result: "notApplicable", expected: "sent", observed: "no mail here" },
      {
        id: "day",
        result: "inconclusive",
        expected: "24 h",
        observed: "1 h",
        pendingUntil: "2026-05-05T09:12:33.000Z",
      },
    ],
    facts: {},
    afterFailure: [
      {
        kind: "notification",
        observations: [
          { id: "team-told", result: "passed", expected: "the message is taken", observed: "taken" },
          {
            id: "pager-told",
            result: "notApplicable",
            expected: "the message is taken",
            observed: "not taken: status 500",
          },
        ],
      },
    ],
    message: 'health "orders": api: status 503, want status 200',
    ...at,
  },
];
const checklist = readChecklist(
  `title: Orders
boxes:
- {id: a, line: 3, section: Before, item: The backup can be had back, proof: "backup#restored"}
- {id: b, line: 4, section: After, item: The system answers, proof: "health#api"}
- {id: c, line: 5, item: Approved, signoff: Tech Lead}
- {id: d, line: 6, item: Fax works, notApplicable: there is none}
- {id: e, line: 7, item: Good for a day, proof: "health#day"}
- {id: f, line: 8, item: Licences, open: nobody looked yet}`,
  "checklist.yaml",
);
const names = new Set(steps.map(({ name }) => name));
const report: Report = {
  ...assemble({
    system: "orders",
    stack: "production",
    release: "1.2.0",
    engine: "test engine",
    startedAt: new Date(at.startedAt),
    finishedAt: new Date(at.finishedAt),
    changes: { create: 2 },
    steps,
    planned: [...steps, { name: "smoke", kind: "smoke" }],
    visited: names,
    ran: names,
    checklist,
    outputs: { site: "https://orders.example.com" },
    errors: ['health "orders": api: status 503, want status 200'],
    next: "pulumi up -s production",
  }),
  differences: {
    since: { key: "records/orders/production/1.json", release: "1.1.0", recordedAt: at.startedAt },
    parts: [{ name: "release", from: "1.1.0", to: "1.2.0" }],
    versions: [],
    settings: Array.from({ length: 20 }, (_, index) => ({
      name: `greenlight:${index}`,
      from: "1",
      to: null,
    })),
    migrations: null,
    site: [],
    steps: [{ name: "health", from: "passed", to: "failed" }],
    boxes: { gained: [], lost: [{ name: "b", from: "proven", to: "open" }], other: [] },
  },
  wayBack: {
    target: { key: "records/orders/production/1.json", release: "1.1.0", recordedAt: at.startedAt },
    reason: null,
    needless: null,
    commands: [
      { does: "goes back to 1.1.0", command: `npx greenlight rollback -s production --to ${"k".repeat(90)}` },
    ],
    undone: ["application: 1.2.0 → 1.1.0"],
    lost: ["with down files: all rows of the tables that came with this release (public.bills)"],
    impossible: ["messages that left the system"],
    expected: { seconds: 40, from: "the times of the steps of 1.1.0" },
  },
};
const html = renderHtml(report);

let launched: Launched | undefined;
let page: Page;
const requested: string[] = [];

beforeAll(async () => {
  launched = await launch(undefined);
  page = await launched.browser.newPage();
  page.on("request", (request) => requested.push(request.url()));
  await page.setContent(html);
});
afterAll(() => launched?.end());

/** The value of an expression in the page. */
const inPage = <Value>(expression: string): Promise<Value> => page.evaluate(expression) as Promise<Value>;
const visibleRows = () =>
  inPage<string[]>(
    `[...document.querySelectorAll("#boxes tbody tr")].filter((row) => row.checkVisibility()).map((row) => row.querySelector("code").textContent)`,
  );
const isShown = (observation: string) =>
  inPage<boolean>(
    `[...document.querySelectorAll("details code")].some((one) => one.textContent === "${observation}" && one.checkVisibility({ contentVisibilityAuto: true }))`,
  );

describe("the report's page", () => {
  it.each([
    { scheme: "light", width: 1280 },
    { scheme: "dark", width: 1280 },
    { scheme: "light", width: 390 },
    { scheme: "dark", width: 390 },
  ])("has no violation of accessibility rules, $scheme and $width pixels wide", async ({ scheme, width }) => {
    await page.setViewport({ width, height: 900 });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await page.evaluate(axe);
    const violations = await inPage<string[]>(`(async () => {
      for (const one of document.querySelectorAll("details")) one.open = true;
      const { violations } = await axe.run();
      return violations.map(({ id, nodes }) => id + ": " + nodes.map(({ html }) => html.slice(0, 120)).join(" | "));
    })()`);
    expect(violations).toEqual([]);
    // Nothing hangs over the edge of the screen.
    expect(await inPage<number>("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width);
  });

  it("filters the boxes by keyboard alone", async () => {
    expect(await visibleRows()).toEqual(["a", "b", "c", "d", "e", "f"]);
    await page.focus('button[data-show="open"]');
    await page.keyboard.press("Enter");
    const open = await inPage<string[]>(
      `[...document.querySelectorAll('tr[data-verdict="open"] td:first-child')].map((cell) => cell.textContent)`,
    );
    expect(open).toContain("b");
    expect(await visibleRows()).toEqual(open);
    await page.focus('button[data-show="all"]');
    await page.keyboard.press("Space");
    expect(await visibleRows()).toHaveLength(6);
  });

  it("narrows the boxes by words, hides sections without one, and says how many are left", async () => {
    const shown = () => inPage<string>(`document.getElementById("shown").textContent`);
    const sections = () =>
      inPage<string[]>(
        `[...document.querySelectorAll("#boxes > details")].filter((one) => one.checkVisibility()).map((one) => one.querySelector("b").textContent)`,
      );
    expect([await sections(), await shown()]).toEqual([["Before", "After", "Without a section"], "6 boxes"]);
    await page.focus("#words");
    await page.keyboard.type("BACKUP can");
    expect([await visibleRows(), await sections(), await shown()]).toEqual([["a"], ["Before"], "1 box"]);
    await page.focus('button[data-show="open"]');
    await page.keyboard.press("Enter");
    expect([await visibleRows(), await sections(), await shown()]).toEqual([[], [], "0 boxes"]);
  });

  it("shows every box without scripts, and no filter, which would do nothing", async () => {
    const plain = await page.browser().newPage();
    await plain.setJavaScriptEnabled(false);
    await plain.setContent(html);
    const isThere = (selector: string) => plain.$(selector).then((found) => found?.isVisible());
    expect([await isThere(".filter"), await isThere("#boxes tbody tr:last-child")]).toEqual([false, true]);
    await plain.close();
    expect(await inPage<boolean>(`document.querySelector(".filter").checkVisibility()`)).toBe(true);
  });

  it("says what is different, who decided on what, who was told, and the exact way back", async () => {
    await page.setContent(html);
    const text = async (id: string) => {
      const found = await inPage<string>(
        `(() => { let out = ""; for (let at = document.getElementById("${id}").nextElementSibling; at && at.tagName !== "H2"; at = at.nextElementSibling) out += at.textContent + " "; return out; })()`,
      );
      return found.replace(/\s+/g, " ");
    };
    const differences = await text("differences");
    expect(differences).toContain("release1.1.01.2.0");
    expect(differences).toContain("bThe system answers");
    expect(differences).toContain("Not on record in one of the two: Migrations.");
    expect(await text("sign-offs")).toContain(
      "Tech Leadana@example.comgo 2026-05-04 09:12:33 UTC0123456789ablooks goodsign-off",
    );
    expect(await text("sign-offs")).toContain("Owner (sign-off)");
    expect(await text("notices")).toContain("failurepagernot toldnot taken: status 500");
    expect(await text("way-back")).toContain(`npx greenlight rollback -s production --to ${"k".repeat(90)}`);
    expect(await text("way-back")).toContain("It takes about 40 s, by the times of the steps of 1.1.0.");
  });

  it("opens the evidence of what failed, and shows all evidence on paper", async () => {
    await page.setContent(html);
    expect([await isShown("api"), await isShown("restored")]).toEqual([true, false]);
    await page.emulateMediaType("print");
    expect([await isShown("api"), await isShown("restored")]).toEqual([true, true]);
  });

  it("of releases over time has no violation either, and nothing hangs over its edge", async () => {
    const entry = {
      ...at,
      recordedAt: at.finishedAt,
      release: "1.2.0",
      leadSeconds: 90,
      restoredAfterSeconds: null,
    };
    const none = { failedStep: null, undoneBy: null, undoes: null, backTo: null };
    const releases: History["releases"] = [
      { ...entry, ...none, key: "records/1.json", kind: "deployment", result: "passed" },
      { ...entry, ...none, key: "records/2.json", kind: "deployment", result: "failed", failedStep: "smoke" },
      { ...entry, ...none, key: "records/3.json", kind: "rollback", result: "passed", backTo: "1.1.0" },
    ];
    const dora: History["dora"] = {
      ...{ deployments: 2, perWeek: 0.5, lead: { commits: 1, medianSeconds: 90 } },
      ...{ changeFailure: { failed: 1, rate: 0.5 }, restore: { ended: 1, open: 0, medianSeconds: 3700 } },
    };
    const window = { from: at.startedAt, to: at.finishedAt };
    await page.emulateMediaType("screen");
    await page.setContent(
      renderHistoryPage({ format: 1, system: "orders", stack: "production", ...window, dora, releases }),
    );
    await page.evaluate(axe);
    expect(
      await inPage<string[]>(`axe.run().then(({ violations }) => violations.map(({ id }) => id))`),
    ).toEqual([]);
    expect(await inPage<number>("document.documentElement.scrollWidth")).toBeLessThanOrEqual(390);
    const text = await inPage<string>("document.body.innerText");
    for (const told of ["50 %", "1 h 1 min", "failed at smoke", "went back to 1.1.0"])
      expect(text).toContain(told);
  });

  it("needs nothing from elsewhere", () => {
    expect(requested.filter((url) => !url.startsWith("about:") && !url.startsWith("data:"))).toEqual([]);
  });
});
