// All pages in one browser, one after the other. Without a browser nothing was seen, and the step says so.
import { randomUUID } from "node:crypto";
import type { BrowserInputs } from "../browser.ts";
import type { Facts, Finding, Observation, StepContext } from "../step/definition.ts";
import { messageOf } from "../step/message.ts";
import { redactor } from "../step/redaction.ts";
import { launch } from "./launch.ts";
import type { BrowserPage } from "./page.ts";
import { type Entry, visit } from "./visit.ts";

const TOKEN_SECONDS = 600;

export async function runBrowser(given: BrowserInputs, { log, signal }: StepContext): Promise<Finding> {
  const entry = await entryOf(given.token);
  // Pages write it to their console and into addresses; for its time it opens as much as a password.
  const hidden = redactor(entry === undefined ? [] : [entry.value]);
  const launched = await launch(given.executable).catch((error: unknown) => messageOf(error));
  if (typeof launched === "string") {
    const observed = `no browser could be started: ${launched.split("\n")[0]}`;
    log(observed);
    return { observations: given.pages.map((page) => unseen(page, observed)), facts: {} };
  }
  const { browser, end } = launched;
  const stop = () => void browser.close().catch(() => {});
  signal.addEventListener("abort", stop, { once: true });
  try {
    const observations: Observation[] = [];
    const facts: Facts = { browser: await browser.version() };
    for (const page of given.pages) {
      signal.throwIfAborted();
      const visited = await visit(browser, page, entry).catch((error: unknown) => {
        signal.throwIfAborted();
        // A page that brings the browser down, or a machine without memory for it: what was seen before still holds.
        return { observations: [unseen(page, `the browser failed: ${messageOf(error)}`)], facts: {} };
      });
      observations.push(...hidden(visited.observations));
      facts[page.name] = visited.facts;
      log(visited.observations.map(({ id, result }) => `${id} ${result}`).join(", "));
    }
    return { observations, facts };
  } finally {
    signal.removeEventListener("abort", stop);
    await end();
  }
}

function unseen({ name, url }: BrowserPage, observed: string): Observation {
  return { id: name, result: "inconclusive", expected: `${url} in a browser`, observed };
}

async function entryOf(token: BrowserInputs["token"]): Promise<Entry | undefined> {
  if (token === undefined) return undefined;
  const { SignJWT } = await import("jose");
  const { storage, key, claims, algorithm, secret } = token;
  const value = await new SignJWT({ sub: randomUUID(), ...claims })
    .setProtectedHeader({ alg: algorithm })
    .setIssuedAt()
    .setExpirationTime(`${TOKEN_SECONDS}s`)
    .sign(new TextEncoder().encode(secret));
  return { storage, key, value };
}
