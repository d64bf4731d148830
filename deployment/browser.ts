// Pages of the released system in a real browser.
import { Browser } from "../checks/browser.ts";
import type { Stack } from "./stack.ts";

export function browser(stack: Stack): void {
  const { settings, sequence } = stack;
  if (!settings.browser) return;
  const { token, ...given } = settings.browser;
  sequence.add(Browser, "browser", {
    ...given,
    token: token && {
      secret: stack.variable(token.variable),
      algorithm: token.algorithm,
      claims: token.claims,
      storage: token.storage,
      key: token.key,
    },
    triggers: sequence.times(["migration", "release", "site"]),
  });
}
