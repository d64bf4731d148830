// A watch that is ended before its windows are.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { storeOf, watch } from "../../../checks/observation/watch.ts";
import { observationInputs } from "../../../checks/observation.ts";
import { withServer } from "../support/http-server.ts";

afterEach(() => {
  vi.useRealTimers();
});

it("keeps the samples of a hurried watch that is stopped", async () => {
  const directory = mkdtempSync(join(tmpdir(), "greenlight-watch-"));
  const begun = Date.now();
  await withServer(
    (_request, response) => void response.end(),
    async (url) => {
      const given = observationInputs().parse({
        system: "orders",
        stack: "test",
        release: "1.0.0",
        directory,
        measures: { up: { probe: { url } } },
        marks: [{ name: "hour", minutes: 60, checks: [{ name: "up", measure: "up", minimum: 100 }] }],
      });
      const stopped = new AbortController();
      let judged = 0;
      const watching = watch(given, { seconds: 600, everySeconds: 0.01 }, stopped.signal, () => {
        vi.setSystemTime(begun + ++judged * 2_000);
        if (judged === 5) stopped.abort();
        return false;
      });
      await expect(watching).rejects.toThrow("aborted");
      const kept = await storeOf(given, AbortSignal.timeout(10_000)).load();
      // The fourth was taken six seconds after the first.
      expect(kept).toHaveLength(4);
    },
  );
  rmSync(directory, { recursive: true });
});
