// Controls of Amazon Route 53.
import { type Control, setting } from "./control.ts";

const RECORD = "aws:route53/record:Record";

export const route53: Control[] = [
  {
    id: "Route53.1",
    asks: "tags on health checks",
    type: "aws:route53/healthCheck:HealthCheck",
    waived: "tags are the stack's own matter: `aws:defaultTags` sets them for everything",
  },
  {
    id: "Route53.2",
    asks: "query logs of public zones",
    type: "aws:route53/zone:Zone",
    waived: "the zone exists before the stack and is shared with others; its owner decides on its logs",
  },
  {
    id: "(no dangling names)",
    asks: "names point to what the stack holds",
    type: RECORD,
    about: ({ inputs }) => inputs.type === "A" || inputs.type === "AAAA",
    optional: true,
    met: "names of the site are aliases of the stack's own distribution and go with it",
    holds: ({ inputs }, estate) =>
      Array.isArray(inputs.aliases) &&
      inputs.aliases.length === 1 &&
      estate.some(
        ({ type, name }) =>
          type === "aws:cloudfront/distribution:Distribution" &&
          JSON.stringify(inputs.aliases).includes(`"${name}.cloudfront.net"`),
      ),
    breaks: [
      setting(["aliases"], undefined),
      setting(["aliases", 0, "name"], "d111111abcdef8.cloudfront.net"),
    ],
  },
];
