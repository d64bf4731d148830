// How pm2 runs the worker, its agent and its backups: two replicas, so that both answer on one port and each takes steps. A
// reload replaces one after the other.
const { agentProcess } = require("../parts/agent-process.cjs");
const { applicationProcess } = require("../parts/application-process.cjs");
const { backupProcess } = require("../parts/backup-process.cjs");

module.exports = {
  apps: [
    applicationProcess(__dirname, {
      name: "queue-worker",
      instances: 2,
      // Longer than a step may take: what runs is finished, not cut off.
      kill_timeout: 35_000,
      min_uptime: 2_000,
      exp_backoff_restart_delay: 100,
      max_memory_restart: "1G",
    }),
    ...agentProcess("queue-worker"),
    ...backupProcess("queue-worker"),
  ],
};
