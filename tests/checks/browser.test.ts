// Real pages in a real Chromium: the package's on Linux, whatever else the machine has, since a new machine has no other.
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { foundOnPath, launch, packaged, unpackedFrom } from "../../checks/browser/launch.ts";
import { step } from "../../checks/browser.ts";
import { folderOf } from "../support/folder.ts";
import { withServer } from "./support/http-server.ts";
import { runStep } from "./support/run-step.ts";

/** A small application: asks for a name, greets it; `/quiet` wants a token in its storage. */
const PAGES: { [path: string]: string } = {
  "/": `<title>Orders</title><h1>Orders</h1><form onsubmit="event.preventDefault(); out.textContent = 'Hello ' + who.value">
    <input id="who"><button>Greet</button></form><p id="out"></p><p hidden id="secret">not to be seen</p>`,
  "/broken": `<title>Orders</title><h1>Orders</h1><script>console.error("out of order")</script><script>missing()</script><img src="/missing.png">`,
  "/quiet": `<title>Orders</title><p id="out"></p><script>
    out.textContent = JSON.parse(atob((sessionStorage.getItem("token") ?? "").split(".")[1] ?? "e30=")).role ?? "nobody"</script>`,
};

const ROLE = `JSON.parse(atob((sessionStorage.getItem("token") ?? "").split(".")[1] ?? "e30=")).role ?? "nobody"`;
PAGES["/framed"] = `<title>Frames</title><p id="out"></p><p id="seen"></p><script>
  addEventListener("message", ({ data }) => { seen.textContent = "foreign " + data; });
  out.textContent = "own " + ${ROLE};
  const frame = document.createElement("iframe");
  frame.src = "http://localhost:" + location.port + "/frame";
  document.documentElement.append(frame);
  </script><iframe sandbox="allow-scripts" srcdoc="<script>1</script>"></iframe>`;
PAGES["/frame"] = `<script>parent.postMessage(${ROLE}, "*")</script>`;

const onLinux = process.platform === "linux" && process.arch === "x64";
const executable = onLinux ? await packaged() : foundOnPath();

const visited = (inputs: (url: string) => object) =>
  withServer(
    (request, response) => {
      const page = PAGES[request.url ?? ""];
      response.writeHead(page === undefined ? 404 : 200, { "content-type": "text/html" });
      response.end(page ?? "");
    },
    (url) =>
      runStep(step, { executable, ...inputs(url) } as Parameters<
        typeof runStep<ReturnType<typeof step.inputs>>
      >[1]),
  );

describe("browser", () => {
  it("is found without being named", async () => {
    const { browser, end } = await launch(undefined);
    expect(await browser.version()).toMatch(/Chrom/);
    await end();
  });

  it("counts no request that the page gives up itself, and one that the server does", async () => {
    const script = (path: string) => `<title>Orders</title><script>
      const given = new AbortController();
      fetch("${path}", { signal: given.signal }).catch(() => {});
      if ("${path}" === "/kept") setTimeout(() => given.abort(), 100);</script>`;
    await withServer(
      (request, response) => {
        response.setHeader("content-type", "text/html");
        if (request.url === "/dropped") request.socket.destroy();
        else if (request.url !== "/kept") response.end(script(request.url === "/a" ? "/kept" : "/dropped"));
      },
      async (url) => {
        const pages = ["a", "b"].map((name) => ({ name, url: `${url}/${name}`, title: "Orders" }));
        const { seen } = await runStep(step, { executable, pages });
        expect(seen("a-requests")).toMatchObject({ result: "passed", observed: "none" });
        expect(seen("b-requests")).toMatchObject({
          result: "failed",
          observed: expect.stringContaining("ERR_EMPTY_RESPONSE"),
        });
      },
    );
  });

  it("is unpacked in the first folder that can be written to, once", async () => {
    const folder = folderOf({});
    const packed = join(folder, "chromium.br");
    writeFileSync(packed, brotliCompressSync("#!/bin/sh\necho unpacked\n"));
    // No folder, so nobody can write below it, root neither.
    const refused = join(packed, "bin");
    const cache = join(folder, "cache/greenlight");
    const path = await unpackedFrom(packed, [refused, cache]);
    expect(path).toBe(join(cache, "chromium"));
    expect(execFileSync(path).toString()).toBe("unpacked\n");
    rmSync(packed);
    expect(await unpackedFrom(packed, [folder, cache])).toBe(path);
    writeFileSync(packed, "");
    await expect(unpackedFrom(packed, [refused, join(packed, "other")])).rejects.toThrow(
      /^Chromium cannot be unpacked: ENOTDIR.*bin.*; ENOTDIR.*other.*; no Chromium on PATH/,
    );
  });

  it("is held to the rules between origins, as people's browsers are", async () => {
    const ran = await withServer(
      (_, response) => void response.end("of another origin"),
      (other) => {
        PAGES["/other"] = `<title>Orders</title><script>fetch("${other}")</script>`;
        return visited((url) => ({
          pages: [{ name: "other", url: `${url}/other`, ignoredRequests: ["/favicon.ico"] }],
        }));
      },
    );
    expect(ran.seen("other-console")).toMatchObject({ result: "failed" });
    expect(ran.seen("other-console").observed).toContain("blocked by CORS policy");
  });

  it("has seen nothing of a page that brings it down, and still tells what it saw before", async () => {
    const profile = `for word; do case $word in --user-data-dir=*) echo "\${word#*=}" > "$0.profile";; esac; done`;
    const folder = folderOf({
      browser: `#!/bin/sh\necho $$ > "$0.pid"\n${profile}\nexec "${executable}" "$@"\n`,
    });
    const wrapped = join(folder, "browser");
    chmodSync(wrapped, 0o755);
    const pages = (url: string) =>
      ["/", "/crash", "/"].map((path, at) => ({ name: `page-${at}`, url: `${url}${path}` }));
    const ran = await withServer(
      (request, response) => {
        if (request.url === "/crash") process.kill(Number(readFileSync(`${wrapped}.pid`, "utf8")), "SIGKILL");
        response.writeHead(200, { "content-type": "text/html" });
        response.end(request.url === "/favicon.ico" ? "" : PAGES["/"]);
      },
      (url) => runStep(step, { executable: wrapped, pages: pages(url) }),
    );
    expect(ran.seen("page-0").result).toBe("passed");
    expect(ran.seen("page-2")).toMatchObject({ result: "inconclusive" });
    expect(ran.seen("page-2").observed).toMatch(/^the browser failed: /);
    expect(existsSync(readFileSync(`${wrapped}.profile`, "utf8").trim())).toBe(false);
  });

  it("sees a page, does what a person does on it, and finds nothing wrong", async () => {
    const ran = await visited((url) => ({
      pages: [
        {
          name: "orders",
          url: `${url}/`,
          title: "Orders",
          texts: ["Orders"],
          elements: ["button"],
          steps: [{ fill: "#who", with: "Ana" }, { click: "button" }, { see: "Hello Ana" }],
          ignoredRequests: ["/favicon.ico"],
        },
        { name: "quiet", url: `${url}/quiet`, texts: ["operator"], ignoredRequests: ["/favicon.ico"] },
      ],
      token: {
        secret: "a key for tests",
        claims: { role: "operator" },
        storage: "sessionStorage",
        key: "token",
      },
    }));
    expect(ran.observations.map(({ id, result }) => `${id} ${result}`)).toEqual([
      "orders passed",
      "orders-console passed",
      "orders-requests passed",
      "orders-load passed",
      "quiet passed",
      "quiet-console passed",
      "quiet-requests passed",
      "quiet-load passed",
    ]);
    expect(ran.facts.browser).toMatch(/Chrom/);
  });

  it("tells a script's error, a broken request and what is not shown apart", async () => {
    const page = { withinSeconds: 30, settleSeconds: 1, ignoredRequests: ["/favicon.ico"] };
    const ran = await visited((url) => ({
      pages: [
        { ...page, name: "broken", url: `${url}/broken`, title: "Orders" },
        {
          ...page,
          name: "hidden",
          url: `${url}/`,
          title: "Bills",
          texts: ["not to be seen"],
          elements: ["#secret"],
        },
        { ...page, name: "absent", url: `${url}/absent` },
        { ...page, name: "refused", url: "http://127.0.0.1:1/" },
      ],
    }));
    const seen = (id: string) => `${ran.seen(id).result}: ${ran.seen(id).observed}`;
    expect(seen("broken")).toBe("passed: all of it seen");
    expect(seen("broken-console")).toMatch(/^failed: 2: out of order; .*missing is not defined/);
    expect(seen("broken-requests")).toMatch(/^failed: 1: 404 http:.*\/missing\.png$/);
    expect(seen("hidden")).toBe(
      'failed: title "Orders"; no text "not to be seen"; nothing visible is #secret',
    );
    expect(seen("absent")).toBe("failed: status 404");
    expect(seen("refused")).toMatch(/^failed: .*ERR_(CONNECTION_REFUSED|UNSAFE_PORT)/);
    for (const part of ["console", "requests", "load"]) {
      expect(ran.seen(`refused-${part}`)).toMatchObject({
        result: "failed",
        observed: expect.stringMatching(/^(the page did not load|1: net::ERR_.*)$/),
      });
      expect(ran.seen(`absent-${part}`)).toMatchObject({
        result: "failed",
        observed: expect.stringMatching(/^(the page did not load: status 404|1: 404 .*)$/),
      });
    }
  });

  it("waits for what a page asks for, and not for the end of a stream of events", async () => {
    const body = `<p id="out"></p><script>
      new EventSource("/events");
      setTimeout(() => fetch("/late").then((answer) => { out.textContent = "status " + answer.status }), 200)</script>`;
    const ran = await withServer(
      (request, response) => {
        if (request.url === "/events")
          return void response.writeHead(200, { "content-type": "text/event-stream" }).write("data: 1\n\n");
        if (request.url === "/never") return;
        if (request.url === "/hung")
          return void response.setHeader("content-type", "text/html").end("<script>fetch('/never')</script>");
        const status = request.url === "/late" ? 500 : 200;
        setTimeout(() => response.writeHead(status, { "content-type": "text/html" }).end(body), 300);
      },
      (url) =>
        runStep(step, {
          executable,
          pages: [
            { name: "hung", url: `${url}/hung`, withinSeconds: 2, ignoredRequests: ["/favicon.ico"] },
            { name: "live", url: `${url}/`, withinSeconds: 15, ignoredRequests: ["/favicon.ico"] },
          ],
        }),
    );
    expect(ran.seen("hung")).toMatchObject({
      result: "failed",
      observed: expect.stringMatching(/^not answered within 2 s: http:.*\/never$/),
    });
    expect(ran.seen("hung-load").result).toBe("failed");
    expect(ran.seen("live")).toMatchObject({ result: "passed" });
    expect(ran.seen("live-load").result).toBe("passed");
    expect(ran.seen("live-requests").observed).toMatch(/^1: 500 .*\/late$/);
  });

  it("shows none of the token, where a page puts it into its console and an address", async () => {
    PAGES["/telling"] = `<script>
      const token = sessionStorage.getItem("token"); console.error(token); fetch("/none?token=" + token)</script>`;
    const ran = await visited((url) => ({
      pages: [{ name: "telling", url: `${url}/telling`, ignoredRequests: ["/favicon.ico"] }],
      token: { secret: "a key for tests", storage: "sessionStorage", key: "token" },
    }));
    expect(ran.seen("telling-console").observed).toBe("1: [secret]");
    expect(ran.seen("telling-requests").observed).toMatch(/^1: 404 .*\/none\?token=\[secret\]$/);
  });

  it("has seen nothing where no browser can be started", async () => {
    const ran = await runStep(step, {
      pages: [{ name: "home", url: "http://127.0.0.1:1/" }],
      executable: "/no/such/browser",
    });
    expect(ran.observations).toHaveLength(1);
    expect(ran.seen("home")).toMatchObject({ result: "inconclusive" });
    expect(ran.seen("home").observed).toMatch(/^no browser could be started: /);
  });

  it("gives the token to the page's own host alone, and is not put out by frames that have no storage", async () => {
    const ran = await visited((url) => ({
      pages: [
        {
          name: "framed",
          url: `${url}/framed`,
          texts: ["own operator", "foreign nobody"],
          ignoredRequests: ["/favicon.ico"],
        },
      ],
      token: {
        secret: "a key for tests",
        claims: { role: "operator" },
        storage: "sessionStorage",
        key: "token",
      },
    }));
    expect(ran.seen("framed")).toMatchObject({ result: "passed", observed: "all of it seen" });
    expect(ran.seen("framed-console")).toMatchObject({ result: "passed", observed: "none" });
  });
});
