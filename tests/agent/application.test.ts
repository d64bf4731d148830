// What the application's metrics become at look after look, from an endpoint with given answers.
import { describe, expect, it } from "vitest";
import { ApplicationMetrics } from "../../agent/sources/application.ts";
import { scrapeMetrics } from "../../checks/measures/reader.ts";
import { withServer } from "../checks/support/http-server.ts";

const { signal } = new AbortController();

describe("metrics that are refused", () => {
  it("are told by their address without its password", () =>
    withServer(
      (_request, response) => void response.writeHead(403).end(),
      async (address) => {
        const url = `${address.replace("//", "//ana:secret-word@")}/metrics?token=secret-word`;
        const told = `${address}/metrics`;
        await expect(new ApplicationMetrics([url]).look(signal)).rejects.toThrow(
          `metrics "${told}": status 403, want 200`,
        );
        await expect(scrapeMetrics(url, signal)).rejects.toThrow(`GET ${told}: status 403, want 200`);
      },
    ));
});

describe("times of a histogram", () => {
  const text = (fast: number, all: number, instance = "1") =>
    `seconds_bucket{instance="${instance}",le="0.1"} ${fast}\nseconds_bucket{instance="${instance}",le="+Inf"} ${all}\n`;
  const source = { kind: "durations", family: "seconds", labels: {} } as const;

  /** What the last of the looks tells. */
  const lookedAt = (pages: string[]) =>
    withServer(
      (_request, response) => void response.end(pages.shift()),
      async (url) => {
        const metrics = new ApplicationMetrics([url]);
        while (pages.length > 0) await metrics.look(signal);
        return metrics.durations(source);
      },
    );

  it("grow by bucket, each instance for itself", async () => {
    const pages = [text(5, 10) + text(1, 1, "2"), text(7, 13) + text(2, 2, "2")];
    expect(await lookedAt(pages)).toEqual({ values: [100, 200], counts: [3, 1] });
  });

  it("begin anew as a whole with their process, also in a bucket that has more than before", async () => {
    expect(await lookedAt([text(5, 10), text(7, 7)])).toEqual({ values: [100], counts: [7] });
  });
});
