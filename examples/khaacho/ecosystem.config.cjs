// How pm2 runs the application, its agent and its backups.
const { agentProcess } = require("../parts/agent-process.cjs");
const { applicationProcess } = require("../parts/application-process.cjs");
const { backupProcess } = require("../parts/backup-process.cjs");

module.exports = {
  apps: [
    applicationProcess(__dirname, { name: "khaacho", max_memory_restart: "1G" }),
    ...agentProcess("khaacho"),
    ...backupProcess("khaacho"),
  ],
};
