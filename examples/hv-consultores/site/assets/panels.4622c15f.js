// The dashboard's panels: queue, rules, schedule, notifications.
import { read, send } from "./api.d17f1d13.js";
import { button, element, table } from "./elements.7e09841c.js";

/** @param refresh draws everything again. */
export async function panels(refresh) {
  const [stats, { rules }, { jobs }, { notifications }, { unread }] = await Promise.all([
    read("/api/queue/stats"),
    read("/api/automation/rules"),
    read("/api/scheduler/jobs"),
    read("/api/notifications"),
    read("/api/notifications/unread-count"),
  ]);
  document.querySelector("#unread").textContent = `${unread} sin leer`;
  return [
    panel("Cola", queue(stats)),
    panel("Reglas", ruleTable(rules, refresh)),
    panel("Programa", schedule(jobs)),
    panel("Notificaciones", notificationTable(notifications, refresh)),
  ];
}

const panel = (title, content) => element("section", {}, element("h2", {}, title), content);
const time = (text) => (text ? new Date(text).toLocaleString() : "—");

function queue(stats) {
  return table(
    ["Pendientes", "En proceso", "Completados", "Fallidos"],
    [[stats.pending, stats.processing, stats.completed, stats.failed].map(String)],
  );
}

function ruleTable(rules, refresh) {
  return table(
    ["Nombre", "Acción", ""],
    rules.map((rule) => [
      rule.nombre,
      rule.accion,
      button("Ejecutar", async () => {
        await send("POST", `/api/automation/rules/${rule.id}/execute`);
        await refresh();
      }),
    ]),
  );
}

function schedule(jobs) {
  return table(
    ["Trabajo", "Cron (UTC)", "Próxima ejecución"],
    jobs.map((job) => [job.nombre, job.cron_expression, time(job.proxima_ejecucion)]),
  );
}

function notificationTable(notifications, refresh) {
  const act = (method, path) => async () => {
    await send(method, path);
    await refresh();
  };
  return table(
    ["Título", "Fecha", "", ""],
    notifications.map((one) => [
      one.titulo,
      time(one.creado_en),
      one.leido_en ? "leída" : button("Leída", act("POST", `/api/notifications/${one.id}/read`)),
      button("Borrar", act("DELETE", `/api/notifications/${one.id}`)),
    ]),
  );
}
