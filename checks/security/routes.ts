// Every route of the application's own OpenAPI document: refuses who has no token, and what is no proper body.
import { z } from "zod";
import type { SecurityInputs } from "../security.ts";
import { type Observation, observe } from "../step/definition.ts";
import { type Client, past429 } from "./client.ts";

const METHODS = ["get", "post", "put", "patch", "delete"];

/** The part of the document that is looked at. */
const openApi = z.object({
  swagger: z.string().optional(),
  servers: z
    .array(
      z.object({
        url: z.string(),
        variables: z.record(z.string(), z.object({ default: z.string() })).default({}),
      }),
    )
    .default([]),
  paths: z.record(
    z.string(),
    z.record(z.string(), z.object({ requestBody: z.unknown().optional() }).catch({})),
  ),
});

export interface Route {
  method: string;
  /** As in the document, e.g. `/api/jobs/{id}`. */
  path: string;
  /** What stands before it in addresses, e.g. `/v1`: of the document's first server. */
  base: string;
  takesBody: boolean;
}

/** @throws when there is no OpenAPI document, or one whose routes would be passed over */
export async function readRoutes(client: Client, document: string): Promise<Route[]> {
  const answer = await client.send(document);
  const parsed = openApi.safeParse(answer.json);
  if (answer.status !== 200 || !parsed.success)
    throw new Error(`openapi "${document}": status ${answer.status}, want 200 with an OpenAPI document`);
  const { swagger, servers, paths } = parsed.data;
  // It tells of bodies among the parameters: every route would be one that takes none.
  if (swagger !== undefined)
    throw new Error(`openapi "${document}": Swagger ${swagger}, want OpenAPI 3; convert it`);
  const reference = Object.entries(paths).find(([, operations]) => "$ref" in operations)?.[0];
  if (reference !== undefined)
    throw new Error(`openapi "${document}": ${reference} is a reference, want its operations; resolve it`);
  const base = basePathOf(servers[0]);
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([method]) => METHODS.includes(method))
      .map(([method, { requestBody }]) => ({
        method: method.toUpperCase(),
        path,
        base,
        takesBody: requestBody !== undefined,
      })),
  );
}

/** Of the application under test only the path counts: its address is the stack's. */
function basePathOf(server: z.output<typeof openApi>["servers"][number] | undefined): string {
  if (server === undefined) return "";
  const { url, variables } = server;
  const filled = url.replace(/\{([^}]+)\}/g, (_whole, name: string) => variables[name]?.default ?? "");
  return URL.canParse(filled, "http://server")
    ? new URL(filled, "http://server").pathname.replace(/\/$/, "")
    : "";
}

/** Observations `authentication` and `forged-token`. */
export async function judgeAuthentication(
  client: Client,
  routes: Route[],
  open: string[],
  signal: AbortSignal,
): Promise<Observation[]> {
  const closed = routes.filter((route) => !open.includes(nameOf(route)));
  const admitted: string[] = [];
  for (const route of closed) {
    const { status } = await past429(() => client.send(realPath(route), { method: route.method }), signal);
    if (status !== 401 && status !== 403) admitted.push(`${nameOf(route)}: status ${status}`);
  }
  const unknown = open.filter((name) => !routes.some((route) => nameOf(route) === name));
  const authentication = observe(
    "authentication",
    admitted.length === 0 && closed.length > 0 && unknown.length === 0,
    `401 or 403 without a token on all ${closed.length} routes but ${open.length} public ones`,
    [...admitted, ...unknown.map((name) => `${name}: public, but not in the document`)].join("; ") ||
      `${closed.length} routes refused`,
  );
  const [first] = closed;
  return first ? [authentication, await judgeForger(client, first, signal)] : [authentication];
}

async function judgeForger(client: Client, route: Route, signal: AbortSignal): Promise<Observation> {
  const sent = { method: route.method, headers: await client.forger() };
  // A forger is a stranger, too, whose limit the routes before may have used up.
  const { status } = await past429(() => client.send(realPath(route), sent), signal);
  const expected = `401 for a token that another key signed (${nameOf(route)})`;
  return observe("forged-token", status === 401, expected, `status ${status}`);
}

const REFUSALS = [400, 404, 413, 415, 422];

/** Observations `broken-json`, `wrong-type`, `oversized`. */
export async function judgeBodies(
  client: Client,
  routes: Route[],
  { oversizedBytes }: NonNullable<SecurityInputs["routes"]>,
): Promise<Observation[]> {
  const taking = routes.filter((route) => route.takesBody);
  const kinds = [
    { id: "broken-json", what: "JSON that ends in the middle", body: '{"a": ', wanted: REFUSALS },
    { id: "wrong-type", what: "a text in place of an object", body: '"text"', wanted: REFUSALS },
    {
      id: "oversized",
      what: `a body of ${oversizedBytes} bytes`,
      body: JSON.stringify({ filler: "x".repeat(oversizedBytes) }),
      wanted: [413, 400],
    },
  ];
  const observations: Observation[] = [];
  for (const { id, what, body, wanted } of kinds) {
    const expected = `${wanted.join(", ")} for ${what} on all ${taking.length} routes that take a body`;
    if (taking.length === 0) {
      observations.push({ id, result: "notApplicable", expected, observed: "no route takes a body" });
      continue;
    }
    const seen = await Promise.all(taking.map((route) => statusFor(client, route, body)));
    const faults = taking.flatMap((route, at) =>
      wanted.includes(seen[at] ?? 0)
        ? []
        : [`${nameOf(route)}: ${seen[at] ? `status ${seen[at]}` : "no answer"}`],
    );
    observations.push(
      observe(id, faults.length === 0, expected, faults.join("; ") || `${taking.length} routes refused`),
    );
  }
  return observations;
}

// A server that answers before it has read the whole body and then closes may reset the connection before its answer is read.
const ATTEMPTS = 3;

/** 0 where the server closed the connection without an answer, each time. */
async function statusFor(client: Client, route: Route, body: string): Promise<number> {
  const headers = { ...(await client.somebody()), "content-type": "application/json" };
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const answer = await client.send(realPath(route), { method: route.method, headers, body }).then(
      ({ status }) => status,
      () => 0,
    );
    if (answer !== 0) return answer;
  }
  return 0;
}

function nameOf(route: Route): string {
  return `${route.method} ${route.path}`;
}

/** Parameters get a value that belongs to nothing. */
function realPath(route: Route): string {
  return route.base + route.path.replace(/\{[^}]+\}/g, "00000000-0000-4000-8000-000000000000");
}
