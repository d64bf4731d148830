// What can be seen of the application from outside, one look a part. Each answers true when that part is right.
import { createHmac } from "node:crypto";
import { z } from "zod";
import { nextRun } from "../../../../examples/hv-consultores/application/scheduler/scheduler.ts";
import { type Answer, type Person, type TestApplication, textAt, valueAt } from "./application.ts";
import { eventually } from "./wait.ts";

/** Lists what arrived at the sink. */
export type Sink = (kind: "mail" | "webhook", contains: string) => Promise<z.infer<typeof message>[]>;

const message = z.object({
  from: z.string().optional(),
  name: z.string().optional(),
  headers: z.record(z.string(), z.string()),
  body: z.string().optional(),
});

export function sinkAt(url: string): Sink {
  return async (kind, contains) => {
    const query = new URLSearchParams({ kind, contains });
    const response = await fetch(new URL(`/messages?${query}`, url));
    return z.array(message).parse(await response.json());
  };
}

const origin = "https://hv-consultores.com";
const notification = { tipo: "notification", payload: { titulo: "hello" } };
const rule = { nombre: "a rule", accion: "notification", parametros: { titulo: "from a rule" } };

export function looksAt(app: TestApplication, sink: Sink, sinkUrl: string) {
  /** Puts a job into the queue, works the queue, and returns the job's row. */
  async function work(body: unknown, role: "user" | "operator" = "user") {
    const person = await app.person(role);
    const id = textAt(await app.call("POST", "/api/queue/jobs", person, body), "id");
    return { person, id, row: await settled(id) };
  }

  async function settled(id: string) {
    return await eventually(
      async () => {
        await app.running.application.processor.pass();
        return await row(id);
      },
      (seen) => seen.intentos > 0 && seen.estado !== "processing",
    );
  }

  async function row(id: string) {
    const [found] = await app.database.query<{ estado: string; intentos: number; error: string | null }>(
      "SELECT estado, intentos, error FROM queue_jobs WHERE id = $1",
      [id],
    );
    if (!found) throw new Error(`job ${id}: no row`);
    return found;
  }

  const get = (path: string, person?: Person, headers?: Record<string, string>) =>
    app.call("GET", path, person, undefined, headers);
  const count = async (text: string, ...values: unknown[]) => {
    const [found] = await app.database.query<{ count: string }>(`SELECT count(*) FROM ${text}`, values);
    return Number(found?.count);
  };
  const newRule = async (person: Person) =>
    textAt(await app.call("POST", "/api/automation/rules", person, rule), "id");
  const executed = async () => {
    const person = await app.person();
    const id = await newRule(person);
    const jobId = textAt(await app.call("POST", `/api/automation/rules/${id}/execute`, person), "job_id");
    await settled(jobId);
    return { person, id, jobId };
  };
  const batch = async () => {
    const person = await app.person();
    const elementos = [
      { titulo: "a", vence_en: "2026-01-10" },
      { titulo: "b", vence_en: null },
    ];
    const body = { operacion: "classify_documents", al: "2026-01-11", elementos };
    const made = await app.call("POST", "/api/batches", person, body);
    await settled(textAt(made, "job_id"));
    const path = `/api/batches/${textAt(made, "id")}`;
    return { batch: await get(path, person), results: await get(`${path}/results`, person) };
  };
  const notified = async () => {
    const { person, id } = await work(notification);
    const list = await get("/api/notifications", person);
    return { person, jobId: id, id: valueAt(list, "notifications", 0, "id") };
  };
  const metric = async (name: string) => {
    const line = (await get("/metrics")).text.split("\n").find((one) => one.startsWith(name));
    return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(" ")));
  };
  const timed = async (path: string) => {
    const started = performance.now();
    const answer = await get(path);
    return { answer, milliseconds: performance.now() - started };
  };
  const allowedOrigin = async (from: string) =>
    (await get("/health", undefined, { origin: from })).headers.get("access-control-allow-origin");
  const listed = (answer: Answer, key: string) => {
    const list = valueAt(answer, key);
    return Array.isArray(list) ? list.length : 0;
  };

  return {
    health: async () => (await get("/health")).status === 200,
    version: async () => valueAt(await get("/api/version"), "version") === "6.0.0-test",
    stats: async () => (await get("/api/queue/stats", await app.person())).status === 200,
    processing: async () => {
      const person = await app.person();
      const made = await app.call("POST", "/api/queue/jobs", person, { tipo: "probe", payload: {} });
      const pass = await app.running.application.processor.pass();
      return pass.claimed > 0 || (await row(textAt(made, "id"))).estado !== "pending";
    },
    jobs: async () => (await work({ tipo: "probe", payload: {} })).row.estado === "completed",
    retry: async () => {
      const { row: seen } = await work({ tipo: "probe", payload: { falla: true } });
      return seen.estado === "pending" && seen.intentos === 1;
    },
    timeout: async () => {
      const body = { tipo: "probe", payload: { duracion_ms: 1_000 }, limite_ms: 100, max_reintentos: 0 };
      return (await work(body)).row.error === "timed out after 100 ms";
    },
    schedule: async () => {
      await app.database.query(
        `INSERT INTO scheduled_jobs (nombre, cron_expression, tipo, proxima_ejecucion)
         VALUES ('due', '0 0 1 1 *', 'probe', now()) ON CONFLICT (nombre) DO UPDATE SET proxima_ejecucion = now()`,
      );
      const before = await count("queue_jobs WHERE payload ->> 'programado' = 'due'");
      await app.running.application.scheduler.check();
      return (await count("queue_jobs WHERE payload ->> 'programado' = 'due'")) > before;
    },
    nextRun: async () => {
      await app.database.query("UPDATE scheduled_jobs SET proxima_ejecucion = NULL");
      await app.running.application.scheduler.check();
      const [seen] = await app.database.query<{ proxima_ejecucion: Date }>(
        "SELECT proxima_ejecucion FROM scheduled_jobs WHERE nombre = 'weekly-cleanup'",
      );
      return seen?.proxima_ejecucion.getTime() === nextRun("0 1 * * 0", new Date()).getTime();
    },
    ruleCreated: async () => {
      const person = await app.person();
      const made = await app.call("POST", "/api/automation/rules", person, rule);
      return valueAt(made, "nombre") === "a rule";
    },
    ruleEdited: async () => {
      const person = await app.person();
      const path = `/api/automation/rules/${await newRule(person)}`;
      await app.call("PATCH", path, person, { nombre: "renamed" });
      return valueAt(await get(path, person), "nombre") === "renamed";
    },
    ruleDeleted: async () => {
      const person = await app.person();
      const path = `/api/automation/rules/${await newRule(person)}`;
      await app.call("DELETE", path, person);
      return (await get(path, person)).status === 404;
    },
    ruleExecuted: async () =>
      (await count("notifications WHERE job_id = $1", (await executed()).jobId)) === 1,
    ruleHistory: async () => {
      const { person, id } = await executed();
      const history = await get(`/api/automation/rules/${id}/history`, person);
      return valueAt(history, "history", 0, "estado") === "success";
    },
    batchCompleted: async () => valueAt((await batch()).batch, "estado") === "completed",
    batchProgress: async () => JSON.stringify(valueAt((await batch()).batch, "avances")) === "[0,50,100]",
    batchResults: async () =>
      valueAt((await batch()).results, "results", 0, "resultado", "dias_restantes") === -1,
    notificationMade: async () =>
      (await count("notifications WHERE job_id = $1", (await work(notification)).id)) === 1,
    notificationRead: async () => {
      const { person, id } = await notified();
      await app.call("POST", `/api/notifications/${id}/read`, person);
      return (await count("notifications WHERE id = $1 AND leido_en IS NOT NULL", id)) === 1;
    },
    unreadCount: async () => {
      const { person } = await notified();
      return valueAt(await get("/api/notifications/unread-count", person), "unread") === 1;
    },
    notificationDeleted: async () => {
      const { person, id } = await notified();
      await app.call("DELETE", `/api/notifications/${id}`, person);
      return (await count("notifications WHERE id = $1", id)) === 0;
    },
    mail: async () => {
      const asunto = `look ${crypto.randomUUID()}`;
      await work(
        { tipo: "email", payload: { para: "ops@hv-consultores.com", asunto, texto: "" } },
        "operator",
      );
      const [first, ...more] = await sink("mail", asunto);
      return first?.from === "noreply@hv-consultores.com" && more.length === 0;
    },
    slack: async () => {
      const texto = `look ${crypto.randomUUID()}`;
      await work({ tipo: "slack", payload: { texto } }, "operator");
      return (await sink("webhook", texto)).length === 1;
    },
    webhook: async () => {
      const person = await app.person();
      const made = await app.call("POST", "/api/webhooks", person, { url: `${sinkUrl}/hooks/look` });
      const probe = crypto.randomUUID();
      const payload = { endpoint_id: textAt(made, "id"), evento: "look", datos: { probe } };
      const job = await app.call("POST", "/api/queue/jobs", person, { tipo: "webhook", payload });
      await settled(textAt(job, "id"));
      const [received] = await sink("webhook", probe);
      const [time, given] = (received?.headers["x-hv-signature"] ?? "").split(",");
      const text = `${time?.slice(2)}.${received?.body}`;
      return given === `v1=${createHmac("sha256", textAt(made, "secret")).update(text).digest("hex")}`;
    },
    rateLimit: async () => {
      const person = await app.person();
      for (let sent = 0; sent < 60; sent++) {
        if ((await get("/api/webhooks", person)).status !== 200) return false;
      }
      return (await get("/api/webhooks", person)).status === 429;
    },
    foreignOrigin: async () => (await allowedOrigin("https://example.org")) === null,
    ownOrigin: async () => (await allowedOrigin(origin)) === origin,
    authentication: async () => (await get("/api/queue/stats")).status === 401,
    roles: async () => (await app.call("POST", "/api/queue/process", await app.person())).status === 403,
    isolation: async () => {
      const id = await newRule(await app.person());
      return (await get(`/api/automation/rules/${id}`, await app.person())).status === 404;
    },
    validation: async () => {
      const body = { nombre: "x", accion: "notification", parametros: {}, extra: true };
      return (await app.call("POST", "/api/automation/rules", await app.person(), body)).status === 400;
    },
    hsts: async () =>
      (await get("/health")).headers.get("strict-transport-security") ===
      "max-age=31536000; includeSubDomains",
    csp: async () =>
      ((await get("/health")).headers.get("content-security-policy") ?? "").startsWith("default-src 'self';"),
    metrics: async () =>
      (await metric('hv_deliveries_total{canal="email",resultado="success"}')) !== undefined,
    gauge: async () => {
      const failed = await count("queue_jobs WHERE estado = 'failed'");
      return (await metric('hv_queue_jobs{estado="failed"}')) === failed;
    },
    logFormat: async () => {
      const lines = (await app.readLog()).trim().split("\n");
      return lines.every((line) => /^\S+Z \| (INFO|WARN|ERROR) \| \w+ \| .* \{.*\}$/.test(line));
    },
    logErrors: async () => !(await app.readLog()).includes("| ERROR |"),
    logLines: async () => (await app.readLog()).includes("Started"),
    logSecrets: async () => !(await app.readLog()).includes(app.jwtSecret),
    speed: async () => (await timed("/api/version")).milliseconds < 1_400,
    dashboard: async () => {
      const page = await get("/dashboard/documentos/automation");
      const assets = [...page.text.matchAll(/\/assets\/[\w.]+/g)].map(([path]) => path);
      const found = await Promise.all(assets.map(async (path) => (await get(path)).status));
      return page.status === 200 && assets.length >= 3 && found.every((status) => status === 200);
    },
    cache: async () => {
      const person = await app.person();
      await get("/api/queue/stats", person);
      return (await get("/api/queue/stats", person)).headers.get("x-cache") === "hit";
    },
    databaseTls: async () => {
      await get("/health");
      const plain = await count(
        `pg_stat_ssl JOIN pg_stat_activity USING (pid)
         WHERE datname = current_database() AND application_name = 'hv-consultores' AND NOT ssl`,
      );
      return plain === 0;
    },
    schedulesListed: async () => listed(await get("/api/scheduler/jobs", await app.person()), "jobs") >= 4,
  };
}

export type Looks = ReturnType<typeof looksAt>;
