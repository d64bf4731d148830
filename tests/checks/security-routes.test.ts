// Documents of routes as frameworks write them, of an application that takes any body.
import { jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import { step } from "../../checks/security.ts";
import { answer, withServer } from "./support/http-server.ts";
import { type Ran, runStep } from "./support/run-step.ts";

const secret = "a signing key of the test, long enough";
const key = new TextEncoder().encode(secret);

/** Everything wants a token, and below /v1 there is a route. */
const judge = (document: object): Promise<Ran> =>
  withServer(
    async ({ url, headers }, response) => {
      if (url === "/openapi.json") return answer(response, 200, document);
      const token = headers.authorization?.slice(7) ?? "";
      const isKnown = await jwtVerify(token, key).then(
        () => true,
        () => false,
      );
      if (!isKnown) return answer(response, 401, {});
      return answer(response, url === "/v1/jobs" ? 201 : 404, {});
    },
    (baseUrl) => runStep(step, { baseUrl, token: { secret }, routes: { document: "/openapi.json" } }),
  );

const paths = { "/jobs": { post: { requestBody: {} } } };

describe("the routes of a document", () => {
  it.each([
    [[{ url: "https://api.example.com/v1" }]],
    [[{ url: "/v1/" }]],
    [[{ url: "https://{host}/{base}", variables: { host: { default: "x.org" }, base: { default: "v1" } } }]],
  ])("are asked for below its server's path: %j", async (servers) => {
    const { seen, facts } = await judge({ openapi: "3.1.0", servers, paths });
    expect(seen("authentication").result).toBe("passed");
    expect(seen("broken-json")).toMatchObject({ result: "failed", observed: "POST /jobs: status 201" });
    expect(facts.routes).toEqual(["POST /jobs"]);
  });

  it.each([
    [{ swagger: "2.0", basePath: "/v1", paths: { "/jobs": { post: {} } } }, "Swagger 2.0"],
    [
      { openapi: "3.1.0", paths: { "/jobs": { $ref: "#/components/pathItems/jobs" } } },
      "/jobs is a reference",
    ],
  ])("are refused where they cannot be read: %j", async (document, what) => {
    await expect(judge(document)).rejects.toThrow(`openapi "/openapi.json": ${what}`);
  });
});
