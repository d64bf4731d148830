// One visit of a page: what the browser saw, as observations.
import { setTimeout as pause } from "node:timers/promises";
import type { Browser, HTTPRequest, Page } from "puppeteer-core";
import { type Facts, type Observation, observe } from "../step/definition.ts";
import { messageOf } from "../step/message.ts";
import type { BrowserPage } from "./page.ts";

/** An entry of the page's storage before it loads. */
export interface Entry {
  storage: "localStorage" | "sessionStorage";
  key: string;
  value: string;
}

const MOST_SHOWN = 4;
const GIVEN_UP = "net::ERR_ABORTED";
const QUIET_MILLISECONDS = 500;
const LOOK_MILLISECONDS = 20;

/** Observations `NAME`, `NAME-console`, `NAME-requests` and `NAME-load`. */
export async function visit(
  browser: Browser,
  wanted: BrowserPage,
  entry: Entry | undefined,
): Promise<{ observations: Observation[]; facts: Facts }> {
  // A context of its own: no page finds what another one left.
  const context = await browser.createBrowserContext();
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(wanted.settleSeconds * 1000);
    if (entry) await page.evaluateOnNewDocument(storing(entry, wanted.url));
    const trouble = listen(page, wanted);
    const started = performance.now();
    const faults: string[] = [];
    const status = await open(page, wanted, trouble.open, faults);
    const seconds = (performance.now() - started) / 1000;
    if (faults.length === 0) faults.push(...(await look(page, wanted)));
    const { name, withinSeconds, url } = wanted;
    // Of a page that is not there, or another one in its place, nothing that went well was seen.
    const isLoaded = status >= 200 && status <= 299;
    const absent = `the page did not load${status > 0 ? `: status ${status}` : ""}`;
    const list = (found: string[]) =>
      found.length > 0
        ? `${found.length}: ${found.slice(0, MOST_SHOWN).join("; ")}`
        : isLoaded
          ? "none"
          : absent;
    return {
      observations: [
        observe(
          name,
          faults.length === 0,
          expectedOf(wanted),
          faults.length === 0 ? "all of it seen" : faults.join("; "),
        ),
        observe(
          `${name}-console`,
          trouble.console.length === 0 && isLoaded,
          "no error in the console",
          list(trouble.console),
        ),
        observe(
          `${name}-requests`,
          trouble.requests.length === 0 && isLoaded,
          "no request failed",
          list(trouble.requests),
        ),
        observe(
          `${name}-load`,
          isLoaded && seconds <= withinSeconds,
          `loaded within ${withinSeconds} s`,
          isLoaded ? `${seconds.toFixed(2)} s` : absent,
        ),
      ],
      facts: { url, status, loadSeconds: Math.round(seconds * 1000) / 1000, requests: trouble.count },
    };
  } finally {
    // Where the browser is gone, so is its context: the first error is the one to tell.
    await context.close().catch(() => {});
  }
}

/**
 * Source for the page: it runs there, not here, and in every frame. A frame or a redirection of others must not have the token, and
 * one without an origin has no storage.
 */
function storing({ storage, key, value }: Entry, url: string): string {
  const host = JSON.stringify(new URL(url).hostname);
  return `if (origin !== "null" && location.hostname === ${host}) ${storage}.setItem(${JSON.stringify(key)}, ${JSON.stringify(value)})`;
}

function listen(page: Page, { ignoredRequests }: BrowserPage) {
  const trouble = {
    console: [] as string[],
    requests: [] as string[],
    count: 0,
    open: new Set<HTTPRequest>(),
  };
  const counts = (url: string) => !ignoredRequests.some((part) => url.includes(part));
  page.on("pageerror", (error) => trouble.console.push(messageOf(error)));
  page.on("console", (message) => {
    // A failed request also shows there; it is counted as a request.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
      trouble.console.push(message.text());
  });
  page.on("request", (request) => trouble.open.add(request));
  page.on("requestfinished", (request) => trouble.open.delete(request));
  page.on("response", (response) => {
    trouble.count += 1;
    // It ends only with the page.
    if (response.headers()["content-type"]?.startsWith("text/event-stream"))
      trouble.open.delete(response.request());
    if (response.status() >= 400 && counts(response.url()))
      trouble.requests.push(`${response.status()} ${response.url()}`);
  });
  page.on("requestfailed", (request) => {
    trouble.open.delete(request);
    const reason = request.failure()?.errorText ?? "failed";
    // Its response was counted above; and what the page gave up itself, such as a search while one types on, nobody refused.
    if (request.response() === null && reason !== GIVEN_UP && counts(request.url()))
      trouble.requests.push(`${reason} ${request.url()}`);
  });
  return trouble;
}

/** The status of the document; 0 when there was no answer. */
async function open(
  page: Page,
  { url, withinSeconds }: BrowserPage,
  requests: ReadonlySet<HTTPRequest>,
  faults: string[],
): Promise<number> {
  const latest = performance.now() + withinSeconds * 1000;
  try {
    const response = await page.goto(url, { waitUntil: "load", timeout: withinSeconds * 1000 });
    const status = response?.status() ?? 0;
    if (status < 200 || status > 299) faults.push(`status ${status}`);
    if (!(await isQuiet(requests, latest)))
      faults.push(`not answered within ${withinSeconds} s: ${[...requests].map((r) => r.url()).join(", ")}`);
    return status;
  } catch (error) {
    faults.push(messageOf(error));
    return 0;
  }
}

/** Waits until nothing was asked for in a while, as what scripts ask for belongs to the page, too. */
async function isQuiet(requests: ReadonlySet<HTTPRequest>, latest: number): Promise<boolean> {
  let since = performance.now();
  while (performance.now() - since < QUIET_MILLISECONDS) {
    if (performance.now() > latest) return false;
    await pause(LOOK_MILLISECONDS);
    if (requests.size > 0) since = performance.now();
  }
  return true;
}

async function look(page: Page, { title, texts, elements, steps }: BrowserPage): Promise<string[]> {
  const faults: string[] = [];
  const tried = async (fault: string, work: () => Promise<unknown>) => {
    const ended = await work().then(
      () => true,
      () => false,
    );
    if (!ended) faults.push(fault);
    return ended;
  };
  if (title !== undefined && !(await page.title()).includes(title))
    faults.push(`title "${await page.title()}"`);
  for (const text of texts) await tried(`no text "${text}"`, () => see(page, text));
  for (const selector of elements)
    await tried(`nothing visible is ${selector}`, () => page.waitForSelector(selector, { visible: true }));
  for (const step of steps) {
    if (
      "click" in step &&
      !(await tried(`cannot click ${step.click}`, () => page.locator(step.click).click()))
    )
      break;
    if (
      "fill" in step &&
      !(await tried(`cannot fill ${step.fill}`, () => page.locator(step.fill).fill(step.with)))
    )
      break;
    if ("see" in step && !(await tried(`no text "${step.see}"`, () => see(page, step.see)))) break;
  }
  return faults;
}

/** Waits until people can read it. */
async function see(page: Page, text: string): Promise<void> {
  await page.waitForFunction(`document.body.innerText.includes(${JSON.stringify(text)})`);
}

function expectedOf({ url, title, texts, elements, steps }: BrowserPage): string {
  const parts = [
    title === undefined ? "" : `title "${title}"`,
    ...texts.map((text) => `"${text}"`),
    ...elements,
    steps.length === 0 ? "" : `${steps.length} steps`,
  ].filter((part) => part !== "");
  return `${url} answers 2xx${parts.length > 0 ? ` and shows ${parts.join(", ")}` : ""}`;
}
