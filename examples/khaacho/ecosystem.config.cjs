// How pm2 runs the application. One process in cluster mode: a reload starts the new one, waits until it says
// `ready`, and only then stops the old one. Its environment is what start-release.ts hands over, nothing more.
const { join } = require("node:path");
const { agentProcess } = require("../parts/agent-process.cjs");
const { backupProcess } = require("../parts/backup-process.cjs");

module.exports = {
  apps: [
    {
      name: "khaacho",
      script: join(__dirname, "application", "process.ts"),
      cwd: __dirname,
      exec_mode: "cluster",
      instances: 1,
      wait_ready: true,
      listen_timeout: 30_000,
      // Longer than the application needs to finish its requests and give its jobs back.
      kill_timeout: 15_000,
      // A process that cannot start is tried a few times and then left for a person to look at.
      max_restarts: 5,
      min_uptime: 5_000,
      exp_backoff_restart_delay: 200,
      max_memory_restart: "1G",
      merge_logs: true,
    },
    ...agentProcess("khaacho"),
    ...backupProcess("khaacho"),
  ],
};
