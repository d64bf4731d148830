// How pm2 runs the worker: two replicas in cluster mode, so that both answer on one port and each takes steps. A reload
// replaces one after the other and waits until the new one says `ready`.
const { join } = require("node:path");

module.exports = {
  apps: [
    {
      name: "queue-worker",
      script: join(__dirname, "application", "process.ts"),
      cwd: __dirname,
      exec_mode: "cluster",
      instances: 2,
      wait_ready: true,
      listen_timeout: 30_000,
      // Longer than a step may take: what runs is finished, not cut off.
      kill_timeout: 35_000,
      // A process that cannot start is tried a few times and then left for a person to look at.
      max_restarts: 5,
      min_uptime: 2_000,
      exp_backoff_restart_delay: 100,
      max_memory_restart: "1G",
      merge_logs: true,
    },
  ],
};
