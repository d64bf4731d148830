// The page's entry: shows the login, or the plan once there is a token.
import { hasToken, logIn } from "./api.290c9f04.js";
import { element, fill } from "./elements.7e09841c.js";
import { plan } from "./plan.7cfcaccb.js";

const app = document.querySelector("#app");

async function showPlan() {
  fill(app, ...(await plan(showPlan)));
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
    { id: "login" },
    element("label", {}, "Email", email),
    element("label", {}, "Password", password),
    element("button", { id: "log-in" }, "Log in"),
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
    await showPlan();
  } catch (error) {
    showLogin(error.message);
  }
}

if (hasToken()) await attempt(async () => {});
else showLogin();
