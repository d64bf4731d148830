// Settings of the step that opens pages in a browser.
import { z } from "zod";
// The format belongs to the check.
import { browserPage } from "../../../checks/browser/page.ts";
import { namedList } from "../../../checks/step/named-list.ts";
import { path, stepOptions, variableName } from "../kinds.ts";

/** `greenlight:browser` */
export const browser = () =>
  z
    .strictObject({
      pages: namedList(browserPage()).min(1).describe("pages and what must be seen on them"),
      token: z
        .strictObject({
          variable: variableName().describe("the application's variable that holds the signing key"),
          algorithm: z.enum(["HS256", "HS384", "HS512"]).default("HS256").describe("how tokens are signed"),
          claims: z.record(z.string(), z.json()).default({}).describe("of the person who visits"),
          storage: z
            .enum(["localStorage", "sessionStorage"])
            .default("localStorage")
            .describe("where the page looks for it"),
          key: z.string().min(1).describe("under which name"),
        })
        .optional()
        .describe("a token that the pages find, where they need a person"),
      executable: path()
        .optional()
        .describe("Chrome or Chromium; without it what is on PATH, else the one that npm installed"),
      ...stepOptions,
    })
    .describe("Pages in a real browser.")
    .meta({ example: { pages: [{ name: "home", url: "https://www.example.com", texts: ["Sign in"] }] } });
