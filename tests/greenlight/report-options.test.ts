// `greenlight report` has two forms; an option of the other one would be passed over in silence.
import { expect, it } from "vitest";
import { report } from "../../greenlight/commands/report.ts";

it.each([
  [["--json"], "--json goes with --history"],
  [["--days", "30"], "--days goes with --history"],
  [["--records", "records"], "--records goes with --history"],
  [["--history", "--format", "html"], "--format goes without --history"],
  [["--history", "--days", "0"], "--days wants a number of days, got 0"],
])("refuses %j", async (args, fault) => {
  await expect(report.run(["--stack", "production", ...args])).rejects.toThrow(fault);
});
