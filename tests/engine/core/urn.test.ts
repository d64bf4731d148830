import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { aliasUrns } from "../../../local/engine/core/aliases.ts";
import {
  isDefaultProvider,
  makeUrn,
  packageOf,
  parseProviderReference,
  parseUrn,
} from "../../../local/engine/core/urn.ts";

const part = fc.stringMatching(/^[A-Za-z0-9_.-]{1,12}$/);

describe("urn", () => {
  it("gives back the parts that it was made of, whatever the name holds", () => {
    fc.assert(
      fc.property(part, part, part, fc.string(), (stack, project, type, name) => {
        const token = `pkg:mod:${type}`;
        const urn = makeUrn(stack, project, "pkg:mod:Parent", token, name);
        expect(parseUrn(urn)).toEqual({
          stack,
          project,
          qualifiedType: `pkg:mod:Parent$${token}`,
          type: token,
          name,
        });
      }),
    );
  });

  it("leaves the stack out of the types of its children", () => {
    expect(makeUrn("dev", "p", "pulumi:pulumi:Stack", "a:b:C", "n")).toBe("urn:pulumi:dev::p::a:b:C::n");
    expect(makeUrn("dev", "p", undefined, "a:b:C", "a::b")).toBe("urn:pulumi:dev::p::a:b:C::a::b");
  });

  it.each(["", "urn:pulumi:dev", "urn:pulumi:dev::p::t", "dev::p::t::n"])("refuses %j", (text) => {
    expect(() => parseUrn(text)).toThrow("has no four parts");
  });

  it("splits a provider reference at its last separator", () => {
    const urn = "urn:pulumi:dev::p::pulumi:providers:aws::a::b";
    expect(parseProviderReference(`${urn}::id`)).toEqual({ urn, id: "id" });
    expect(() => parseProviderReference("no-separator")).toThrow("has no id");
  });

  it("knows default providers by their name", () => {
    expect(isDefaultProvider("urn:pulumi:d::p::pulumi:providers:aws::default_7_1_0")).toBe(true);
    expect(isDefaultProvider("urn:pulumi:d::p::pulumi:providers:aws::defaults")).toBe(false);
    expect(isDefaultProvider("urn:pulumi:d::p::aws:s3/bucket:Bucket::default")).toBe(false);
  });

  it("takes the package from the text before the first colon", () => {
    expect([packageOf("aws:s3/bucket:Bucket"), packageOf("pulumi-nodejs:dynamic:Resource")]).toEqual([
      "aws",
      "pulumi-nodejs",
    ]);
  });
});

describe("aliases", () => {
  const context = { stack: "dev", project: "p", matched: new Map<string, string>() };
  const group = (name: string) => makeUrn("dev", "p", undefined, "x:y:Group", name);

  it("name the urn that the resource had under another name, type, parent, project or stack", () => {
    const resource = { name: "n", type: "a:b:C", parent: group("g") };
    const below = "x:y:Group";
    const urns = aliasUrns(
      resource,
      [
        { name: "old" },
        { type: "a:b:Old" },
        { noParent: true },
        { parent: makeUrn("dev", "p", undefined, "pulumi:pulumi:Stack", "p-dev") },
        { project: "q", stack: "prod" },
        { urn: "urn:pulumi:any::any::t::n" },
      ],
      context,
    );
    expect(urns).toEqual([
      makeUrn("dev", "p", below, "a:b:C", "old"),
      makeUrn("dev", "p", below, "a:b:Old", "n"),
      makeUrn("dev", "p", undefined, "a:b:C", "n"),
      makeUrn("prod", "q", below, "a:b:C", "n"),
      "urn:pulumi:any::any::t::n",
    ]);
  });

  it("are inherited from a renamed parent, the prefix of the name with it", () => {
    const matched = new Map([[group("new"), makeUrn("dev", "p", undefined, "x:y:Old", "old")]]);
    const child = { name: "new-k", type: "a:b:C", parent: group("new") };
    expect(aliasUrns(child, [], { ...context, matched })).toEqual([
      makeUrn("dev", "p", "x:y:Old", "a:b:C", "old-k"),
    ]);
    const other = { name: "k", type: "a:b:C", parent: group("new") };
    expect(aliasUrns(other, [], { ...context, matched })).toEqual([
      makeUrn("dev", "p", "x:y:Old", "a:b:C", "k"),
    ]);
  });
});
