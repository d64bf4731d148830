// Tries faults by hand: node tests/end-to-end/faults/try.ts SYSTEM FOLDER [FAULT…] deploys the system on services in that folder
// (again, where it was), makes it wrong in each way (or in those named) and prints the boxes lost beside those of the list. The
// services stay up for the next try: `node tests/end-to-end/faults/try.ts SYSTEM FOLDER --end` stops and deletes them.
import { removeServices } from "../../../local/services/services.ts";
import { deploySystem } from "../support/deployed-system.ts";
import type { FaultList } from "../support/fault.ts";
import { FaultySystem } from "../support/faulty-system.ts";

const [name = "", folder = "", ...wanted] = process.argv.slice(2);
if (wanted.includes("--end")) await removeServices({ directory: folder });
else await tryFaults();

async function tryFaults(): Promise<void> {
  const { list }: { list: FaultList } = await import(`./${name}.ts`);
  const deployed = await deploySystem(name, { engine: "embedded", folder });
  console.log(deployed.first.verdict, deployed.first.errors, deployed.first.checklist?.counts);
  const system = await FaultySystem.of(deployed, list);
  const chosen = list.faults.filter((fault) => wanted.length === 0 || wanted.includes(fault.name));
  for (const fault of chosen) {
    const began = performance.now();
    const lost = await system.lostBy(fault).catch((error: Error) => [String(error.stack)]);
    const isRight = JSON.stringify(lost) === JSON.stringify(fault.boxes);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(
      `${isRight ? "as listed" : "NOT AS LISTED"} ${fault.name} ${seconds} s ${JSON.stringify(lost)}`,
    );
  }
  const used = new Set(chosen.flatMap(({ steps }) => steps));
  const inOrder = deployed.first.steps.map((step) => step.name).filter((step) => used.has(step));
  console.log(`with no fault: ${JSON.stringify(await system.lostNow(inOrder))}`);
  // As it was deployed again, for the next try.
  await system.stop();
  await system.run("release");
  await system.end();
}
