// Loaded into a server that the engine starts: ends it when the engine was killed, since nobody else would.

const EVERY_MS = 1000;
const parent = process.ppid;

setInterval(() => {
  if (process.ppid !== parent) process.exit();
}, EVERY_MS).unref();
