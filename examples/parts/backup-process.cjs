// How pm2 runs the backups by plan. Only where the stack has such a plan, which BACKUP_SECRET_ID tells; the plan itself is in that
// secret.
const { join } = require("node:path");

/** @param {string} application its name in pm2. @returns entries for `apps` of an ecosystem file, one or none */
exports.backupProcess = (application) =>
  process.env.BACKUP_SECRET_ID
    ? [
        {
          name: `${application}-backup`,
          // Not the whole path: pm2 takes a script with a blank in it for a command line.
          script: "greenlight/main.ts",
          cwd: join(__dirname, "..", ".."),
          args: ["backup"],
          exec_mode: "cluster",
          instances: 1,
          wait_ready: true,
          listen_timeout: 30_000,
          kill_timeout: 10_000,
          max_restarts: 5,
          min_uptime: 5_000,
          exp_backoff_restart_delay: 200,
        },
      ]
    : [];
