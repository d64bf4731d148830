// The page's entry: shows the login, or the panels once there is a token. Panels are loaded when they are needed.
import { hasToken, logIn } from "./api.d17f1d13.js";
import { element, fill } from "./elements.7e09841c.js";

const app = document.querySelector("#app");

async function showPanels() {
  const { panels } = await import("./panels.4622c15f.js");
  fill(app, ...(await panels(showPanels)));
}

function showLogin(message = "") {
  const email = element("input", { name: "email", type: "email", autocomplete: "username", required: true });
  const password = element("input", {
    name: "password",
    type: "password",
    autocomplete: "current-password",
    required: true,
  });
  const form = element(
    "form",
    {},
    element("label", {}, "Correo", email),
    element("label", {}, "Contraseña", password),
    element("button", {}, "Entrar"),
    element("p", { className: "error" }, message),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    await attempt(() => logIn(email.value, password.value));
  });
  fill(app, form);
}

async function attempt(work) {
  try {
    await work();
    await showPanels();
  } catch (error) {
    showLogin(error.message);
  }
}

if (hasToken()) await attempt(async () => {});
else showLogin();
