import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { assetsWithHashes, restoreContents } from "../../../local/engine/core/assets.ts";
import { tarFile } from "../../../local/engine/core/tar.ts";
import { mapHashOnly } from "../../../local/engine/core/values.ts";
import { type PropertyMap, SIGNATURE } from "../../../local/engine/types.ts";
import { ARCHIVE, ASSET } from "../../../local/engine/value-kinds.ts";

const asset = (rest: PropertyMap): PropertyMap => ({ [SIGNATURE]: ASSET, __pulumiAsset: true, ...rest });
const archive = (rest: PropertyMap): PropertyMap => ({
  [SIGNATURE]: ARCHIVE,
  __pulumiArchive: true,
  ...rest,
});
const sha256 = (content: Uint8Array | string) => createHash("sha256").update(content).digest("hex");

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "assets-"));
  await mkdir(join(folder, "site", "deep"), { recursive: true });
  await mkdir(join(folder, "site", ".pulumi"));
  await writeFile(join(folder, "site", "index.html"), "<p>");
  await writeFile(join(folder, "site", "deep", "a.js"), "1");
  await writeFile(join(folder, "site", ".pulumi", "ignored"), "x");
  await writeFile(join(folder, "code.zip"), "zipped");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("tar file", () => {
  it("is byte for byte what Go's archive/tar writes for the same members", () => {
    const members = [
      ["a.txt", "hello"],
      ["b/c.txt", "x".repeat(513)],
      ["empty", ""],
      [`${"d/".repeat(60)}f`, "z"],
    ] as const;
    const file = tarFile(members.map(([name, text]) => ({ name, content: Buffer.from(text) })));
    expect(sha256(file)).toBe("9860bb3280e88a117126ed069b13f5ff8482d284b81bcc2667c46bcb769b2479");
  });

  it.each([`${"n".repeat(101)}`, "é.txt", `${"p".repeat(160)}/f`])("refuses the name %s", (name) => {
    expect(() => tarFile([{ name, content: new Uint8Array() }])).toThrow("use the Pulumi CLI");
  });
});

describe("hashes", () => {
  it("cover the content of assets, from text or from a file below the program", async () => {
    const { a, b } = await assetsWithHashes(
      { a: asset({ text: "hello" }), b: [asset({ path: "site/index.html" })] },
      folder,
    );
    expect(a).toEqual({ [SIGNATURE]: ASSET, text: "hello", hash: sha256("hello") });
    expect(b).toEqual([{ [SIGNATURE]: ASSET, path: "site/index.html", hash: sha256("<p>") }]);
  });

  it("of an archive of assets, a directory and a file are those of its tar file or its bytes", async () => {
    const { made, site, zip } = await assetsWithHashes(
      {
        made: archive({
          assets: { "x.txt": asset({ text: "x" }), d: archive({ assets: { y: asset({ text: "yy" }) } }) },
        }),
        site: archive({ path: "site" }),
        zip: archive({ path: "code.zip" }),
      },
      folder,
    );
    const hashOf = (...members: [string, string][]) =>
      sha256(tarFile(members.map(([name, text]) => ({ name, content: Buffer.from(text) }))));
    expect(made).toEqual({
      [SIGNATURE]: ARCHIVE,
      assets: {
        d: {
          [SIGNATURE]: ARCHIVE,
          assets: { y: { [SIGNATURE]: ASSET, text: "yy", hash: sha256("yy") } },
          hash: hashOf(["y", "yy"]),
        },
        "x.txt": { [SIGNATURE]: ASSET, text: "x", hash: sha256("x") },
      },
      hash: hashOf(["d/y", "yy"], ["x.txt", "x"]),
    });
    expect(site).toMatchObject({ hash: hashOf(["deep/a.js", "1"], ["index.html", "<p>"]) });
    expect(zip).toMatchObject({ hash: sha256("zipped") });
  });

  it("leave properties without assets alone", async () => {
    const properties = { a: [1, { b: "c" }] };
    expect(await assetsWithHashes(properties, folder)).toBe(properties);
  });

  it("refuse assets from elsewhere by name", async () => {
    await expect(assetsWithHashes({ a: asset({ uri: "https://x" }) }, folder)).rejects.toThrow(
      "assets from a URI",
    );
  });
});

describe("contents left out of old states", () => {
  it("come back by hash", async () => {
    const known = await assetsWithHashes({ a: asset({ text: "hello" }) }, folder);
    expect(restoreContents(known, mapHashOnly({ out: [known.a ?? null] }))).toEqual({ out: [known.a] });
  });
});
