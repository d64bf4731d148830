// The page as a browser shows it: light and dark, on a wide and a narrow screen, by keyboard, on paper, with no network.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch } from "../../checks/browser/launch.ts";
import { readChecklist } from "../../report/checklist.ts";
import { renderHtml } from "../../report/html.ts";
import { assemble } from "../../report/report.ts";
import type { StepReport } from "../../report/steps.ts";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const at = {
  startedAt: "2026-05-04T09:12:33.000Z",
  finishedAt: "2026-05-04T09:12:35.500Z",
  durationSeconds: 2.5,
};
const steps: StepReport[] = [
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
    message: 'health "orders": api: status 503, want status 200',
    ...at,
  },
];
const checklist = readChecklist(
  `title: Orders
boxes:
- {id: a, line: 3, item: The backup can be had back, proof: "backup#restored"}
- {id: b, line: 4, item: The system answers, proof: "health#api"}
- {id: c, line: 5, item: Approved, signoff: Tech Lead}
- {id: d, line: 6, item: Fax works, notApplicable: there is none}
- {id: e, line: 7, item: Good for a day, proof: "health#day"}
- {id: f, line: 8, item: Licences, open: nobody looked yet}`,
  "checklist.yaml",
);
const names = new Set(steps.map(({ name }) => name));
const html = renderHtml(
  assemble({
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
);

let browser: Browser;
let page: Page;
const requested: string[] = [];

beforeAll(async () => {
  browser = await launch(undefined);
  page = await browser.newPage();
  page.on("request", (request) => requested.push(request.url()));
  await page.setContent(html);
});
afterAll(() => browser?.close());

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

  it("opens the evidence of what failed, and shows all evidence on paper", async () => {
    await page.setContent(html);
    expect([await isShown("api"), await isShown("restored")]).toEqual([true, false]);
    await page.emulateMediaType("print");
    expect([await isShown("api"), await isShown("restored")]).toEqual([true, true]);
  });

  it("needs nothing from elsewhere", () => {
    expect(requested.filter((url) => !url.startsWith("about:") && !url.startsWith("data:"))).toEqual([]);
  });
});
