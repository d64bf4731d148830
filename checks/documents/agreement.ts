// Documents held against the running system, both ways: what is not in the document, and what the document alone knows.
import { z } from "zod";
import { attempt } from "../http/request.ts";
import { type Observation, observe } from "../step/definition.ts";

const METHODS = ["get", "post", "put", "patch", "delete"] as const;
const openapi = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) });

/** The routes of a running application, e.g. `GET /steps/{id}`. @throws when it does not answer with an OpenAPI document */
export async function routesAt(url: string, signal: AbortSignal): Promise<string[]> {
  const answer = await attempt({ url, timeoutSeconds: 10, signal });
  if ("error" in answer) throw new Error(answer.error);
  const read = openapi.safeParse(answer.json);
  if (!read.success) throw new Error(`GET ${url}: status ${answer.status}, no OpenAPI document`);
  return Object.entries(read.data.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => method in item).map((method) => `${method.toUpperCase()} ${path}`),
  );
}

/** Observation `routes-documented`. A route stands in a document as `GET /steps/{id}`. */
export function judgeRoutes(file: string, text: string | undefined, routes: string[]): Observation {
  const written = text?.match(/\b(GET|POST|PUT|PATCH|DELETE) \/[\w/.{}:-]*(?<![.:-])/g) ?? [];
  return judgeNames("routes-documented", "routes of the running application", file, text, written, routes);
}

/** Observation `diagram`. The components are the nodes of the Mermaid subgraph `stack`, by their ids. */
export function judgeDiagram(file: string, text: string | undefined, components: string[]): Observation {
  const [, inside = ""] = /^\s*subgraph stack\b[^\n]*\n([\s\S]*?)^\s*end\b/m.exec(text ?? "") ?? [];
  const drawn = [...inside.matchAll(/^\s*([a-z][a-z-]*)\s*[[({>]/gm)].map(([, id = ""]) => id);
  return judgeNames("diagram", "components of the stack", file, text, drawn, components);
}

function judgeNames(
  id: string,
  what: string,
  file: string,
  text: string | undefined,
  written: string[],
  wanted: string[],
): Observation {
  const expected = `${file}: the ${wanted.length} ${what} and no other`;
  if (text === undefined) return observe(id, false, expected, `no file ${file}`);
  const missing = wanted.filter((name) => !written.includes(name));
  const unknown = [...new Set(written)].filter((name) => !wanted.includes(name));
  const faults = [
    ...(missing.length > 0 ? [`not in it: ${missing.join(", ")}`] : []),
    ...(unknown.length > 0 ? [`only in it: ${unknown.join(", ")}`] : []),
  ];
  const observed = faults.length === 0 ? `all ${wanted.length}` : faults.join("; ");
  return observe(id, faults.length === 0 && wanted.length > 0, expected, observed);
}
