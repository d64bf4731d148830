// What the deploying identity does for the site.
import { allow, each, type Permissions } from "./statement.ts";

export const acm: Permissions = ({ accountId }) => [
  allow(
    each("acm", [
      "RequestCertificate",
      "DescribeCertificate",
      "DeleteCertificate",
      "ListTagsForCertificate",
      "AddTagsToCertificate",
      "RemoveTagsFromCertificate",
    ]),
    `arn:aws:acm:us-east-1:${accountId}:certificate/*`,
  ),
];

export const cloudfront: Permissions = ({ accountId }) => [
  allow(
    [
      ...["Distribution", "OriginAccessControl", "ResponseHeadersPolicy"].flatMap((what) =>
        each("cloudfront", [`Get${what}`, `Get${what}Config`, `Update${what}`, `Delete${what}`]),
      ),
      ...each("cloudfront", ["TagResource", "UntagResource", "ListTagsForResource"]),
      ...each("cloudfront", ["CreateInvalidation", "GetInvalidation"]),
    ],
    `arn:aws:cloudfront::${accountId}:*`,
  ),
  // What is made has no ARN yet, and only the lists tell whether a policy of that name is there.
  allow(
    each("cloudfront", [
      "CreateDistribution",
      "CreateDistributionWithTags",
      "CreateOriginAccessControl",
      "CreateResponseHeadersPolicy",
      "ListDistributions",
      "ListOriginAccessControls",
      "ListResponseHeadersPolicies",
    ]),
    "*",
  ),
];

export const route53: Permissions = ({ zoneId = "none" }) => [
  allow(
    each("route53", ["ChangeResourceRecordSets", "GetHostedZone", "ListResourceRecordSets"]),
    `arn:aws:route53:::hostedzone/${zoneId}`,
  ),
  allow(["route53:GetChange"], "arn:aws:route53:::change/*"),
  // A health check gets its name from Route 53.
  allow(
    each("route53", [
      "GetHealthCheck",
      "UpdateHealthCheck",
      "DeleteHealthCheck",
      "ChangeTagsForResource",
      "ListTagsForResource",
    ]),
    "arn:aws:route53:::healthcheck/*",
  ),
  allow(["route53:CreateHealthCheck"], "*"),
];

export const wafv2: Permissions = ({ name, accountId }) => [
  allow(
    each("wafv2", [
      "CreateWebACL",
      "DeleteWebACL",
      "GetWebACL",
      "UpdateWebACL",
      "DeleteLoggingConfiguration",
      "GetLoggingConfiguration",
      "PutLoggingConfiguration",
      "ListTagsForResource",
      "TagResource",
      "UntagResource",
    ]),
    [
      `arn:aws:wafv2:us-east-1:${accountId}:global/webacl/${name}-*/*`,
      `arn:aws:wafv2:us-east-1:${accountId}:global/managedruleset/*/*`,
    ],
  ),
];
