// Calls to the API with the token of the person who logged in. The token lives as long as the tab.
const key = "pfa-token";
// The page lies at app.DOMAIN and the API at api.DOMAIN; where the backend serves the page itself, both are one.
const base = location.hostname.startsWith("app.") ? `https://api.${location.hostname.slice(4)}` : "";

export function hasToken() {
  return sessionStorage.getItem(key) !== null;
}

export async function logIn(email, password) {
  const { token } = await send("POST", "/api/session", { email, password });
  sessionStorage.setItem(key, token);
}

export const read = (path) => send("GET", path);

/** @throws an Error with the server's own words. */
export async function send(method, path, body) {
  const token = sessionStorage.getItem(key);
  const response = await fetch(`${base}${path}`, {
    method,
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (response.status === 401) sessionStorage.removeItem(key);
  const answer = response.status === 204 ? {} : await response.json();
  if (!response.ok) throw new Error(answer.error ?? `status ${response.status}`);
  return answer;
}
