import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { judgeDiagram, judgeRoutes } from "../../checks/documents/agreement.ts";
import { judgeContacts } from "../../checks/documents/contacts.ts";
import { documentWanted, judgeDocument } from "../../checks/documents/document.ts";
import { judgeGlossary } from "../../checks/documents/run.ts";
import { step } from "../../checks/documents.ts";
import { runStep } from "./support/run-step.ts";

const RUNBOOK = `# Runbook of 1.2.3

Reviewed 2026-01-15.

## Start

Run \`npm start\`, see [how](runbook.md#start).

## Rollback

### First

Go back.
`;

function seen(wanted: object, text: string | undefined, release = "1.2.3"): string {
  const given = documentWanted().parse({ name: "runbook", file: "runbook.md", ...wanted });
  const { result, observed } = judgeDocument(given, text, "/nowhere/runbook.md", release);
  return `${result}: ${observed}`;
}

describe("a document", () => {
  it.each<[object, string | undefined, string]>([
    [
      { sections: ["Start", "rollback"], links: false, release: true },
      RUNBOOK,
      "passed: 19 words, all of it",
    ],
    [{ sections: ["Stop"], links: false }, RUNBOOK, 'failed: no section "Stop" with text'],
    [
      { sections: ["Empty"], links: false },
      "## Empty\n\n## Next\ntext",
      'failed: no section "Empty" with text',
    ],
    [
      { sections: ["Shown"], links: false },
      "```\n## Shown\ntext\n```\nmore",
      'failed: no section "Shown" with text',
    ],
    [{ sections: ["Undo"] }, "## Undo\n```\ngreenlight rollback\n```\n## Next\ntext", "passed: "],
    [{ sections: ["Start"] }, "## Restart\ntext", 'failed: no section "Start" with text'],
    [{ sections: ["Start"] }, "## How to start it\ntext", "passed: "],
    [{ sections: ["Empty"] }, "## Empty\n<!-- to be\nwritten -->\n", 'failed: no section "Empty" with text'],
    [{ mentions: ["RTO 1 hour"], links: false }, RUNBOOK, 'failed: no "RTO 1 hour"'],
    [{ release: true, links: false }, RUNBOOK.replace("1.2.3", "1.2.2"), "failed: no version 1.2.3"],
    [{ release: true, links: false }, RUNBOOK.replace("1.2.3", "11.2.3"), "failed: no version 1.2.3"],
    [{ release: true, links: false }, RUNBOOK.replace("1.2.3", "1.2.30"), "failed: no version 1.2.3"],
    [{ release: true, links: false }, RUNBOOK.replace("1.2.3", "1.2.3.1"), "failed: no version 1.2.3"],
    [{ release: true, links: false }, RUNBOOK.replace("1.2.3", "v1.2.3."), "passed: 19 words, all of it"],
    [{}, RUNBOOK, "failed: its link to runbook.md#start leads nowhere"],
    [{ release: true, links: false }, "## 1.2.3-rc.1\ntext", "failed: no version 1.2.3"],
    [{ release: true, links: false }, "orders-1.2.3-linux.tar.gz", "passed: "],
    [{}, "see [it](<no such.md>)", "failed: its link to no such.md leads nowhere"],
    [{}, "see [it][there]\n\n[there]: gone.md", "failed: its link to gone.md leads nowhere"],
    [{}, "see [it][there]\n\n[there]: https://example.com\n[^1]: a note", "passed: "],
    [{}, "see [it](gone(1).md)", "failed: its link to gone(1).md leads nowhere"],
    [{}, "see [it](100%.md)", "failed: its link to 100%.md leads nowhere"],
    [{}, "see [site](https://example.com) and [here](#start)", "passed: 4 words, all of it"],
    [{}, "# A\nTBD\n", 'failed: a placeholder, "TBD"'],
    [{}, "Antes de todo, copia el respaldo", "passed: 6 words, all of it"],
    [{}, " \n", "failed: nothing in it"],
    [{}, undefined, "failed: no file runbook.md"],
    [{ maximumAgeDays: 3650 }, "as of 2026-01-15", "passed: 3 words, all of it"],
    [{ maximumAgeDays: 30 }, "as of 2020-01-15", "failed: "],
    [{ maximumAgeDays: 30 }, "as of today", "failed: no day in it"],
  ])("%j in %j is %s", (wanted, text, expected) => {
    expect(seen(wanted, text)).toMatch(new RegExp(`^${expected.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}`));
  });
});

describe("a document's age", () => {
  it("counts a day that has begun somewhere, and none that is to come", () => {
    vi.useFakeTimers({ now: new Date("2026-03-01T22:30:00Z"), toFake: ["Date"] });
    onTestFinished(() => void vi.useRealTimers());
    // In Tokyo it is the morning of the second.
    expect(seen({ maximumAgeDays: 30 }, "as of 2026-03-02")).toBe("passed: 3 words, all of it");
    expect(seen({ maximumAgeDays: 30 }, "as of 2026-03-03")).toBe("failed: no day in it");
  });
});

const PEOPLE = `contacts:
  - { role: on-call, name: Ana Ruiz, phone: "+34 600 000 000" }
  - { role: database, name: Luis Vega, email: luis.vega@orders.org }
escalation:
  - { role: on-call, afterMinutes: 0 }
  - { role: database, afterMinutes: 15 }
`;

describe("contacts", () => {
  const wanted = { file: "contacts.yaml", roles: ["on-call", "database"], escalation: true };
  it.each<[string | undefined, string]>([
    [PEOPLE, "passed passed"],
    [PEOPLE.replace("role: database, name", "role: security, name"), "failed failed"],
    [PEOPLE.replace("Luis Vega", "TBD"), "failed passed"],
    [PEOPLE.replace("luis.vega@orders.org", "luis@example.com"), "failed passed"],
    [PEOPLE.replace(', phone: "+34 600 000 000"', ""), "failed failed"],
    [PEOPLE.replace("afterMinutes: 15", "afterMinutes: 0"), "passed failed"],
    ["contacts: [", "failed failed"],
    [undefined, "failed failed"],
  ])("%j are %s", (text, expected) => {
    expect(
      judgeContacts(wanted, text)
        .map(({ result }) => result)
        .join(" "),
    ).toBe(expected);
  });
});

describe("a role", () => {
  it("may be called as a placeholder is", () => {
    const wanted = { file: "contacts.yaml", roles: ["domain name registrar"], escalation: false };
    const text = PEOPLE.replaceAll("role: database", "role: domain name registrar");
    expect(judgeContacts(wanted, text)).toMatchObject([
      { result: "passed", observed: "2 people in 1 roles" },
    ]);
  });
});

describe("documents", () => {
  it("are all looked at, with their digests as evidence", async () => {
    const directory = mkdtempSync(join(tmpdir(), "greenlight-documents-"));
    onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
    writeFileSync(join(directory, "runbook.md"), RUNBOOK);
    writeFileSync(join(directory, "contacts.yaml"), PEOPLE);
    const ran = await runStep(step, {
      directory,
      release: "1.2.3",
      documents: [{ name: "runbook", file: "runbook.md", sections: ["Start"], release: true }],
      contacts: { file: "contacts.yaml", roles: ["on-call"] },
      glossaries: { variables: { file: "runbook.md", names: ["npm", "PORT"] } },
    });
    expect(ran.observations.map(({ id, result }) => `${id} ${result}`)).toEqual([
      "runbook passed",
      "contacts passed",
      "variables-documented failed",
    ]);
    expect(ran.seen("variables-documented").observed).toBe("not in it: PORT");
    expect(Object.keys(ran.facts.sha256 ?? {})).toEqual(["runbook.md", "contacts.yaml"]);
  });

  it("explain a name only where it stands alone, and no names at all prove nothing", () => {
    const result = (names: string[]) =>
      judgeGlossary("variables", "a.md", names, "`PORT`: where; REPORTS_URL").result;
    expect([result(["PORT", "REPORTS_URL"]), result(["URL"]), result([])]).toEqual([
      "passed",
      "failed",
      "failed",
    ]);
  });
});

describe("a document and the running system", () => {
  const text = "| `GET /steps/{id}` | one |\n| `POST /steps` | asks |\n";
  it.each<[string, string[], string]>([
    [text, ["POST /steps", "GET /steps/{id}"], "passed: all 2"],
    [text, ["POST /steps", "GET /steps/{id}", "GET /queue"], "failed: not in it: GET /queue"],
    [text, ["POST /steps"], "failed: only in it: GET /steps/{id}"],
    ["Ask GET /steps. Then POST /steps: it asks.", ["GET /steps", "POST /steps"], "passed: all 2"],
    ["nothing", [], "failed: all 0"],
  ])("%j with the routes %j is %s", (written, routes, expected) => {
    const { result, observed } = judgeRoutes("api.md", written, routes);
    expect(`${result}: ${observed}`).toBe(expected);
  });

  const diagram = (inside: string) =>
    `\`\`\`mermaid\nflowchart LR\n  people((people)) --> cache\n  subgraph stack [the stack]\n${inside}\n  end\n\`\`\`\n`;
  it.each<[string | undefined, string]>([
    [diagram("    cache[(Redis)]\n    access-logs[logs]"), "passed: all 2"],
    [diagram("    cache[(Redis)]"), "failed: not in it: access-logs"],
    [diagram("    cache[(Redis)]\n    access-logs[logs]\n    site{{site}}"), "failed: only in it: site"],
    [diagram("").replace("stack", "other"), "failed: not in it: cache, access-logs"],
    [undefined, "failed: no file architecture.md"],
  ])("the diagram %j is %s", (written, expected) => {
    const { result, observed } = judgeDiagram("architecture.md", written, ["cache", "access-logs"]);
    expect(`${result}: ${observed}`).toBe(expected);
  });
});
