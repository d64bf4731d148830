// What the processes of the SDK compiled is kept for the next run, and taken by it.
import { join } from "node:path";
import { expect, it } from "vitest";
import { Workplace } from "../workplace.ts";

it("compiles nothing anew in the second run", async () => {
  const place = new Workplace();
  try {
    place.declare({ resources: [{ name: "a" }] });
    await place.must("stack", "init", "dev");
    const up = async () => {
      const environment = {
        NODE_COMPILE_CACHE: join(place.root, "compiled"),
        NODE_DEBUG_NATIVE: "COMPILE_CACHE",
      };
      const { stdout, stderr } = await place.run(["up", "--yes", "--skip-preview"], { environment });
      const cached = (verdict: string) =>
        `${stdout}${stderr}`.split("\n").flatMap((line) => {
          const [, file] =
            /code cache for \w+ (?:file:\/\/)?\S*?([^/\s]+\/[^/\s]+) was (?=accepted|rejected)/.exec(line) ??
            [];
          return file !== undefined && line.includes(`was ${verdict}`) ? [file] : [];
        });
      return { accepted: cached("accepted"), rejected: cached("rejected") };
    };
    // The first run finds no state, and so starts the server of dynamic resources late.
    await up();
    await up();
    const { accepted, rejected } = await up();

    expect(accepted).toContain("closure/serializeClosure.js");
    expect(rejected).toEqual([]);
  } finally {
    place.close();
  }
});
