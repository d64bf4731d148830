import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { totals } from "./tests/support/totals.ts";

// Files of half a minute to minutes, the longest ones first; begun first, so that none is left to run alone at the end.
const LONG = [
  /\/end-to-end\/hv-consultores\./,
  /\/engine\/parity\/parity\./,
  /\/end-to-end\//,
  /\/greenlight\/rollback\W/,
  /\/hv-consultores\/faults\./,
  /\/infra\/(steps|preview)\./,
  /\/engine\/parity\//,
];

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = ({ moduleId }: TestSpecification) => {
      const place = LONG.findIndex((name) => name.test(moduleId));
      return place < 0 ? LONG.length : place;
    };
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    // In a log, a sign for each test: what a log needs more of is told at its end.
    reporters: [process.stdout.isTTY ? "default" : "dot", totals],
    // What steps log is shown with the tests that fail.
    silent: "passed-only",
    globalSetup: ["tests/support/services-setup.ts"],
    // Long enough for a machine several times slower: only what hangs waits for its end.
    expect: { requireAssertions: true, poll: { timeout: 60_000 } },
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // For two cores: deployments wait now and then, and more at once would crowd the tests that measure time.
    maxWorkers: 3,
    // The default, said: else the output ends with advice against it instead of the summary.
    isolate: true,
    // As the engine's own processes have it: a fifth of a second for every file with the SDK.
    execArgv: [
      `--require=${fileURLToPath(new URL("./local/engine/sdk/deferred-modules.ts", import.meta.url))}`,
    ],
    // For the processes that tests start, as greenlight/bin/greenlight has it.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL("./node_modules/.cache/greenlight", import.meta.url)) },
    sequence: { sequencer: LongFirst },
  },
});
