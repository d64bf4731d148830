// Settings with which a check could only fail, or say nothing, once the release is out.
import { describe, expect, it } from "vitest";
import { sectionFaults } from "./support/faults.ts";

describe("what a check would stumble over after the release is told at once:", () => {
  const faultOf = (name: string, value: unknown) => sectionFaults(name, value).join("\n");

  const notice = (more: object) => ({
    notices: [{ name: "done", when: "after", subject: "{{system}}", text: "Done.", to: {}, ...more }],
  });
  const mail = { to: { users: { mail: ["users@orders.org"] } } };
  const sender = { smtpUrl: { secure: "v1:x" }, from: "releases@orders.org" };

  it("mail without a server or a sender", () => {
    expect(faultOf("announcements", { ...notice(mail), from: sender.from })).toContain(
      "greenlight:announcements.smtpUrl: nothing, want the server, since a notice goes by mail",
    );
    expect(faultOf("announcements", { ...notice(mail), smtpUrl: sender.smtpUrl })).toContain(
      "greenlight:announcements.from: nothing, want the sender, since a notice goes by mail",
    );
    expect(faultOf("announcements", { ...notice(mail), ...sender })).toBe("");
    expect(faultOf("announcements", notice({}))).toBe("");
  });

  it("a placeholder that nothing fills in", () => {
    const text = "{{system}} {{version}} on {{stack}}, until {{end}}";
    expect(faultOf("announcements", notice({ text }))).toContain(
      "greenlight:announcements.notices[0].text: ",
    );
    expect(faultOf("announcements", notice({ text }))).toContain("want a value in variables for end");
    expect(faultOf("announcements", { ...notice({ text }), variables: { end: "02:30" } })).toBe("");
    expect(faultOf("announcements", notice({ subject: "{{sytem}}" }))).toContain("notices[0].subject");
  });

  it("retired values of a variable that is not judged", () => {
    const retired = { SMTP_PASWORD: ["0".repeat(64)] };
    expect(faultOf("secrets", { variables: ["SMTP_PASSWORD"], retired })).toContain(
      "greenlight:secrets.retired.SMTP_PASWORD: ",
    );
    const known = { SMTP_PASSWORD: ["0".repeat(64)] };
    expect(faultOf("secrets", { variables: ["SMTP_PASSWORD"], retired: known })).toBe("");
  });

  it.each([
    ["a limit for people", { rateLimit: { path: "/api/me", requests: 60 } }],
    ["routes that let people in", { routes: {} }],
  ])("%s without a token to be one of them", (_what, given) => {
    const baseUrl = "https://orders.org";
    expect(faultOf("security", { baseUrl, ...given })).toContain(
      "greenlight:security.token: nothing, want a token",
    );
    expect(faultOf("security", { baseUrl, ...given, token: { variable: "JWT_SECRET" } })).toBe("");
  });

  it.each([
    [{ everySeconds: 30 }, "more than 60 s"],
    [{ everySeconds: 29 }, ""],
    [{ consecutive: 61 }, "more than 60 s"],
    [{ consecutive: 60 }, ""],
  ])("so many good answers in a row that there is no time for them: %o", (given, want) => {
    const targets = [{ name: "api", url: "https://orders.org/health" }];
    const faults = faultOf("health", { targets, ...given });
    if (want === "") expect(faults).toBe("");
    else expect(faults).toContain(`greenlight:health.withinSeconds: nothing, want ${want}`);
  });
});
