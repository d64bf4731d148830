// Which folder an address of a backend means, and who works on its stacks.
import { pathToFileURL } from "node:url";
import { describe, expect, it, vi } from "vitest";
import { currentUser, openBackend } from "../../../local/engine/state/backend.ts";

const { userInfo } = vi.hoisted(() => ({ userInfo: vi.fn() }));
vi.mock("node:os", async (original) => ({ ...(await original<object>()), userInfo }));

describe("backends", () => {
  it("are folders of any name", () => {
    const folder = "/home/ann/C# is 100%/what?/a%41";

    expect(openBackend(pathToFileURL(folder).href, "/").root).toBe(`${folder}/.pulumi`);
    expect(openBackend("file:///home/a b", "/").root).toBe("/home/a b/.pulumi");
  });

  it.each([
    "file:///home/C#/state",
    "file:///home/what?/state",
    "file:///home/100%/state",
  ])("%s is refused: it would be another folder", (url) => {
    expect(() => openBackend(url, "/")).toThrow(
      `backend "${url}": not an address of a folder; write # as %23, ? as %3F and % as %25`,
    );
  });

  it("are refused elsewhere, without their passwords", () => {
    expect(() => openBackend("postgres://ana:p@ss-word@db.example.com/pulumi?token=t0ken", "/")).toThrow(
      /^backend "postgres:\/\/db\.example\.com\/pulumi": not supported by the embedded engine/,
    );
  });

  it("says so where the system has no name for the user, as in a container with any user id", () => {
    userInfo.mockImplementation(() => {
      throw new Error("uv_os_get_passwd returned ENOENT");
    });

    expect(currentUser).toThrow(/^user id \d+: has no name on this machine, .* add it to \/etc\/passwd$/);
  });
});
