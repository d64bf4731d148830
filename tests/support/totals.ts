import type { Reporter, TestModule } from "vitest/node";

// The run's totals on one plain line of the form that CI systems of any language read, after the default reporter's
// own summary. What fails outside a test (a file that does not load, a hook) counts as failed, too: its tests are
// among the skipped ones or not there at all.
export const totals: Reporter = {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]) {
    const states = modules.flatMap((module) =>
      [...module.children.allTests()].map((test) => test.result().state),
    );
    const outside = modules
      .flatMap((module) => [module, ...module.children.allSuites()])
      .flatMap((each) => each.errors())
      .concat(unhandled as []).length;
    const count = (state: string) => states.filter((each) => each === state).length;
    const skipped = count("skipped") + count("pending");
    process.stdout.write(
      `${count("passed")} passed, ${count("failed") + outside} failed, ${skipped} skipped\n`,
    );
  },
};
