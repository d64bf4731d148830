// How pm2 runs the application.
const { applicationProcess } = require("../parts/application-process.cjs");

module.exports = { apps: [applicationProcess(__dirname, { name: "support-troubleshooting" })] };
