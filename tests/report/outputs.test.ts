import { describe, expect, it } from "vitest";
import { outputsOf } from "../../report/outputs.ts";

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const secret = (form: object) => ({ [SIGNATURE]: "1b47061264138c4ac30d75fd1eb44270", ...form });

const exported = (outputs?: object) => ({
  resources: [
    { type: "aws:s3/bucket:Bucket", outputs: { bucket: "b" } },
    { type: "pulumi:pulumi:Stack", ...(outputs && { outputs }) },
  ],
});

describe("outputs of an exported stack", () => {
  it("are those of the stack alone", () => {
    const outputs = { version: "1.0.0", addresses: { site: "https://a.example", ports: [80, null] } };
    expect(outputsOf(exported(outputs))).toEqual(outputs);
  });

  it.each([
    ["with its plaintext", secret({ plaintext: '"hunter2"' })],
    ["without it", secret({ ciphertext: "v1:abc" })],
    ["inside of another value", { a: [{ b: secret({ plaintext: '"hunter2"' }) }] }],
  ])("leave out what is secret, %s", (_form, value) => {
    expect(outputsOf(exported({ version: "1.0.0", password: value }))).toEqual({ version: "1.0.0" });
  });

  it.each([
    ["that has none", exported()],
    ["that was never updated", { resources: null }],
    ["without anything", {}],
  ])("are none for a stack %s", (_form, state) => {
    expect(outputsOf(state)).toEqual({});
  });

  it("keep a mark that is no secret's", () => {
    const asset = { [SIGNATURE]: "c44067f5952c0a294b673a41bacd8c17", text: "plain" };
    expect(outputsOf(exported({ asset }))).toEqual({ asset });
  });
});
