// How pm2 runs backend and sync worker, and on one machine a stand-in for the PEMS and Gemini APIs. The backend is stopped
// and started, not reloaded: the checklist measures its downtime. Each has its own PORT.
const { join } = require("node:path");
const { agentProcess } = require("../parts/agent-process.cjs");

const common = {
  cwd: __dirname,
  exec_mode: "cluster",
  instances: 1,
  wait_ready: true,
  listen_timeout: 30_000,
  kill_timeout: 15_000,
  max_restarts: 5,
  min_uptime: 5_000,
  exp_backoff_restart_delay: 200,
  max_memory_restart: "512M",
  merge_logs: true,
};
const { BACKEND_PORT, WORKER_PORT, PEMS_PORT } = process.env;

module.exports = {
  apps: [
    {
      ...common,
      name: "pfa-vanguard-backend",
      script: join(__dirname, "application", "process.ts"),
      env: { PORT: BACKEND_PORT },
    },
    {
      ...common,
      name: "pems-write-sync-worker",
      script: join(__dirname, "application", "worker", "process.ts"),
      env: { PORT: WORKER_PORT },
    },
    ...(PEMS_PORT
      ? [
          {
            ...common,
            name: "pems-stand-in",
            script: join(__dirname, "pems", "process.ts"),
            env: { PORT: PEMS_PORT },
          },
        ]
      : []),
    ...agentProcess("pfa-vanguard"),
  ],
};
