// What a visitor gets, of an edge that answers every path with the page, as a site of a single page has it.
import { describe, expect, it } from "vitest";
import { judgeHeaders, judgeReferences } from "../../checks/site/edge.ts";
import { withServer } from "./support/http-server.ts";

const signal = AbortSignal.timeout(30_000);

function atEdge<T>(
  work: (edge: { url: string; headers: { [name: string]: string } }) => Promise<T>,
): Promise<T> {
  return withServer(
    ({ url }, response) => {
      const type = url === "/old.1a2b3c4d.js" ? "text/javascript" : "text/html; charset=utf-8";
      response.writeHead(200, { "content-type": type }).end("<!doctype html>the page");
    },
    (url) => work({ url, headers: {} }),
  );
}

describe("the edge of a single page", () => {
  it("breaks a reference where it answers with the page instead of a script or an image", async () => {
    const to = [
      "old.1a2b3c4d.js",
      "gone.5e6f7a8b.js",
      "mark.svg",
      "orders",
      "people/j.doe",
      "help/index.html",
    ];
    const found = to.map((path) => ({ from: "index.html", to: path }));
    const seen = await atEdge((edge) => judgeReferences(edge, { found, unreadable: [] }, [], signal));
    expect(seen).toMatchObject({
      result: "failed",
      observed:
        "2 broken: /gone.5e6f7a8b.js: a page instead of text/javascript, referred to by /index.html; /mark.svg: a page instead of image/svg+xml, referred to by /index.html",
    });
  });

  it("is held against headers as they were asked for, whatever the case of their names", async () => {
    const [seen] = await atEdge((edge) =>
      judgeHeaders(edge, { "Content-Type": { contains: "text/html" } }, undefined, signal),
    );
    expect(seen).toMatchObject({
      result: "passed",
      expected: 'index.html with content-type {"contains":"text/html"}',
    });
  });
});
