// One rehearsal as one process: what the benchmark times. The database's address is in DATABASE_URL, the backup's key in BENCH_KEY.
import { step } from "../checks/rehearsal.ts";

const [directory = ".", bucket = "", archiveBytes = "0"] = process.argv.slice(2);
const { observations } = await step.run(
  step.inputs().parse({
    directory,
    databaseUrl: process.env.DATABASE_URL,
    encryptionKey: process.env.BENCH_KEY,
    backup: { bucket, key: "own.sealed", archiveBytes: Number(archiveBytes) },
  }),
  { name: "bench", log: () => {}, signal: new AbortController().signal, previous: undefined },
);
const wrong = observations.filter(({ result }) => result === "failed" || result === "inconclusive");
if (wrong.length > 0) throw new Error(wrong.map(({ id, observed }) => `${id}: ${observed}`).join("; "));
