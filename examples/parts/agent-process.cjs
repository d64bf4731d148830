// How pm2 runs the agent beside an application: it writes what alarms and dashboards read and ships the log. Only where the
// stack has one, which AGENT_SECRET_ID tells; the plan itself is in that secret.
const { join } = require("node:path");

/** @param {string} application its name in pm2. @returns entries for `apps` of an ecosystem file, one or none */
exports.agentProcess = (application) =>
  process.env.AGENT_SECRET_ID
    ? [
        {
          name: `${application}-agent`,
          // Not the whole path: pm2 takes a script with a blank in it for a command line.
          script: "greenlight/main.ts",
          cwd: join(__dirname, "..", ".."),
          args: ["agent"],
          exec_mode: "cluster",
          instances: 1,
          wait_ready: true,
          listen_timeout: 30_000,
          // A look that is under way is given up at once.
          kill_timeout: 5_000,
          max_restarts: 5,
          min_uptime: 5_000,
          exp_backoff_restart_delay: 200,
          max_memory_restart: "256M",
        },
      ]
    : [];
