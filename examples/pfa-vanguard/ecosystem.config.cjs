// How pm2 runs backend and sync worker, and on one machine a stand-in for the PEMS and Gemini APIs. The backend is stopped
// and started, not reloaded: the checklist measures its downtime. Each has its own PORT.
const { agentProcess } = require("../parts/agent-process.cjs");
const { applicationProcess } = require("../parts/application-process.cjs");

const { BACKEND_PORT, WORKER_PORT, PEMS_PORT } = process.env;
const backend = { name: "pfa-vanguard-backend", env: { PORT: BACKEND_PORT } };
const worker = {
  name: "pems-write-sync-worker",
  script: "application/worker/process.ts",
  env: { PORT: WORKER_PORT },
};
const standIn = { name: "pems-stand-in", script: "pems/process.ts", env: { PORT: PEMS_PORT } };
const all = PEMS_PORT ? [backend, worker, standIn] : [backend, worker];

module.exports = {
  apps: [...all.map((one) => applicationProcess(__dirname, one)), ...agentProcess("pfa-vanguard")],
};
