// How pm2 runs the application. One process in cluster mode: a reload starts the new one, waits until it says
// `ready`, and only then stops the old one. Its environment is what start-release.ts hands over, nothing more.
const { join } = require("node:path");

module.exports = {
  apps: [
    {
      name: "support-troubleshooting",
      script: join(__dirname, "application", "process.ts"),
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
    },
  ],
};
