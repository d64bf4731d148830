// Loaded into a server that the engine starts: ends it when the engine was killed, since nobody else would, and lets it
// end by itself when the engine says so. Ended by a signal it would keep nothing of what was compiled for the next run.

const EVERY_MS = 1000;
const parent = process.ppid;

process.once("SIGINT", () => process.exit());
setInterval(() => {
  if (process.ppid !== parent) process.exit();
}, EVERY_MS).unref();
