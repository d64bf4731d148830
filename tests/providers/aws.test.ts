// The aws provider on the emulator: every resource type conforms.
import { expect, it } from "vitest";
import { resources } from "../../local/providers/aws/resources.ts";
import { edge } from "./aws/edge.ts";
import { identity } from "./aws/identity.ts";
import { keysAndSecrets } from "./aws/keys-and-secrets.ts";
import { networks } from "./aws/network.ts";
import { storage } from "./aws/storage.ts";
import { watching } from "./aws/watching.ts";
import { conforms } from "./support/conformance.ts";

const cases = [...storage, ...keysAndSecrets, ...networks, ...identity, ...watching, ...edge];

/** What the emulator does not have, so that nothing could be read back. */
const NOT_SERVED = [
  "aws:acm/certificateValidation:CertificateValidation",
  "aws:chatbot/slackChannelConfiguration:SlackChannelConfiguration",
  "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration",
];

it("every type that the provider has is among them", () => {
  const tried = cases.map(({ type }) => type);
  expect([...new Set([...tried, ...NOT_SERVED])].sort()).toEqual(Object.keys(resources).sort());
});

conforms("aws", cases);
