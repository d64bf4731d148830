import { describe, expect, it } from "vitest";
import { keepFromProxy } from "../../local/proxy.ts";

const kept = (environment: NodeJS.ProcessEnv) => {
  keepFromProxy(environment);
  const { no_proxy, NO_PROXY, no_grpc_proxy } = environment;
  return [no_proxy, NO_PROXY, no_grpc_proxy];
};
const own = "127.0.0.1,localhost";

describe("addresses of this machine", () => {
  it("are no business of any proxy", () => {
    for (const name of ["http_proxy", "HTTPS_PROXY", "grpc_proxy", "ALL_PROXY"])
      expect(kept({ [name]: "http://proxy:3128" })).toEqual([own, own, own]);
  });

  it("are added to what was named, without the blanks that gRPC does not know", () => {
    expect(kept({ http_proxy: "p", no_proxy: "a.com, .b.com ,localhost" })).toEqual([
      "a.com,.b.com,localhost,127.0.0.1",
      "a.com,.b.com,localhost,127.0.0.1",
      "a.com,.b.com,localhost,127.0.0.1",
    ]);
    expect(kept({ http_proxy: "p", NO_PROXY: "a.com", no_grpc_proxy: "c" })).toEqual([
      `a.com,${own}`,
      `a.com,${own}`,
      `c,${own}`,
    ]);
  });

  it("need no mention where there is no proxy", () => {
    expect(kept({ no_proxy: "a.com", http_proxy: "" })).toEqual(["a.com", undefined, undefined]);
  });
});
