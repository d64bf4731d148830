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
