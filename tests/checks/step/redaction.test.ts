import { describe, expect, it } from "vitest";
import { judgeSecrets } from "../../../checks/logs/judge.ts";
import { redactor } from "../../../checks/step/redaction.ts";

const body = ["MC4CAQAwBQYDK2VwBCIEIKtestonlytestonlytestonlytestonlytestonly", "MIIBtestonlytestonly0="];
const lines = ["-----BEGIN PRIVATE KEY-----", ...body, "-----END PRIVATE KEY-----", ""];

describe("a secret of several lines", () => {
  it.each([
    ["as it is", lines.join("\n")],
    ["as it stands in a variable", lines.join("\\n")],
    ["with line ends of Windows", lines.join("\r\n")],
  ])("is shown by none of them, %s", (_how, secret) => {
    const redact = redactor([secret]);
    expect(lines.map((line) => redact(`2030 | INFO | ${line}`))).toEqual(
      lines.map((line) => (body.includes(line) ? "2030 | INFO | [secret]" : `2030 | INFO | ${line}`)),
    );
    expect(redact(`key ${secret} end`)).toBe("key [secret] end");
    expect(judgeSecrets("app", lines, [secret], {})).toMatchObject({
      result: "failed",
      observed: "a secret of the application in line 2; a secret of the application in line 3",
    });
  });

  it("takes no words away that occur elsewhere", () => {
    expect(redactor(["LOG_LEVEL=info\nKEY=0123456789abcdef"])("LOG_LEVEL=info")).toBe("LOG_LEVEL=info");
  });
});
