// What protects browsers: headers, the way to https, and who may call from other origins.
import { faultsOf } from "../http/expectation.ts";
import { exchange } from "../http/request.ts";
import type { SecurityInputs } from "../security.ts";
import { type Observation, observe } from "../step/definition.ts";
import { kebab } from "../step/kebab.ts";
import type { Client } from "./client.ts";

/** Observation `headers`, and `header-<name>` for each one. */
export async function judgeHeaders(
  client: Client,
  wanted: NonNullable<SecurityInputs["headers"]>,
): Promise<Observation[]> {
  const answer = await client.send(wanted.path);
  // The status of the path is not the point: an error page must be protected too.
  const each = Object.entries(wanted.expect).map(([name, value]) => {
    const header = name.toLowerCase();
    const expect = { headers: { [name]: value }, json: {} };
    const faults = faultsOf({ headers: answer.headers, milliseconds: 0 }, expect);
    return observe(
      `header-${kebab(header)}`,
      faults.length === 0,
      `${header} ${JSON.stringify(value)}`,
      faults.join("; ") || `${header}: ${answer.headers[header]}`,
    );
  });
  const faulty = each.filter(({ result }) => result === "failed");
  const shown = faulty.length > 0 ? faulty : each;
  return [
    observe(
      "headers",
      faulty.length === 0 && each.length > 0,
      each.map(({ expected }) => expected).join(", "),
      shown.map(({ observed }) => observed).join("; "),
    ),
    ...each,
  ];
}

/** Observation `https-redirect`. */
export async function judgeRedirect(
  wanted: NonNullable<SecurityInputs["redirect"]>,
  signal: AbortSignal,
): Promise<Observation> {
  const { status, headers } = await exchange({ ...wanted, timeoutSeconds: 15, signal });
  const location = headers.location ?? "none";
  return observe(
    "https-redirect",
    [301, 302, 307, 308].includes(status) && location.startsWith("https://"),
    "a redirect to https",
    `status ${status}, location ${location}`,
  );
}

/** Observations `cors-allow` and `cors-deny`, for plain requests and for the browser's question before others. */
export async function judgeCors(
  client: Client,
  wanted: NonNullable<SecurityInputs["cors"]>,
): Promise<Observation[]> {
  const allowed = await Promise.all(
    wanted.allowedOrigins.map((origin) => originsFor(client, wanted.path, origin)),
  );
  const refused = wanted.allowedOrigins.filter(
    (origin, at) => !allowed[at]?.every((seen) => seen === origin),
  );
  const denied = await originsFor(client, wanted.path, wanted.deniedOrigin);
  const shown = (seen: (string | undefined)[] = []) => seen.map((origin) => origin ?? "none").join(", ");
  return [
    observe(
      "cors-allow",
      refused.length === 0,
      `access-control-allow-origin ${wanted.allowedOrigins.join(" or ")} for itself`,
      allowed.map(shown).join("; "),
    ),
    observe(
      "cors-deny",
      denied.every((seen) => seen !== "*" && seen !== wanted.deniedOrigin),
      `no access for ${wanted.deniedOrigin}`,
      `access-control-allow-origin ${shown(denied)}`,
    ),
  ];
}

async function originsFor(client: Client, path: string, origin: string): Promise<(string | undefined)[]> {
  const asked = await client.send(path, {
    method: "OPTIONS",
    headers: { origin, "access-control-request-method": "GET" },
  });
  const got = await client.send(path, { headers: { origin } });
  return [asked, got].map(({ headers }) => headers["access-control-allow-origin"]);
}
