import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

// Small files of minutes; begun first, so that none is left to run alone at the end.
const LONG = /engine\/parity\/parity|\/end-to-end\//;

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => LONG.test(moduleId);
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    globalSetup: ["tests/support/services-setup.ts"],
    expect: { requireAssertions: true },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    // For the processes that tests start, as greenlight/bin/greenlight has it.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL("./node_modules/.cache/greenlight", import.meta.url)) },
    sequence: { sequencer: LongFirst },
  },
});
