// How pm2 runs a process of an application unless its ecosystem file says otherwise. In cluster mode a reload starts the new one,
// waits until it says `ready`, and only then stops the old one. Its environment is what start-release.ts hands over, nothing more.

/**
 * @param {string} folder of the ecosystem file
 * @param {{ name: string }} given what is special of this process; `script` from the folder, by default the application's
 * @returns {object} an entry for `apps`
 */
exports.applicationProcess = (folder, { script = "application/process.ts", ...given }) => ({
  // Not the whole path: pm2 takes a script with a blank in it for a command line.
  script,
  cwd: folder,
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
  max_memory_restart: "512M",
  merge_logs: true,
  ...given,
});
