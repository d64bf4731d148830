// The aws provider of this machine: which resource types it serves, its configuration, default tags and regions.
// Tokens are those of @pulumi/aws v7; nothing here calls AWS.

import type { ResourceHandler } from "../handler.ts";
import { packageVersion } from "../package-version.ts";
import { createProvider, type LocalProvider } from "../provider.ts";
import { flag, list, map, object, text } from "../schema.ts";
import { isRecord } from "../values.ts";
import { invokes } from "./invokes.ts";
import { resources } from "./resources.ts";
import { AwsSession } from "./session.ts";

const config = {
  accessKey: text({ secret: true }),
  allowedAccountIds: list(text()),
  defaultTags: object({ tags: map() }),
  region: text(),
  s3UsePathStyle: flag(),
  secretKey: text({ secret: true }),
  skipCredentialsValidation: flag(),
  skipMetadataApiCheck: flag(),
  skipRegionValidation: flag(),
  skipRequestingAccountId: flag(),
  token: text({ secret: true }),
} as const;

/** @param environment where endpoint, region and credentials come from unless configured */
export function awsProvider(environment: NodeJS.ProcessEnv = process.env): LocalProvider {
  return createProvider<AwsSession>({
    package: "aws",
    version: packageVersion("@pulumi/aws"),
    config,
    openSession: (values) => openSession(values, environment),
    sessionFor: (session, { region }) => (typeof region === "string" ? session.in(region) : session),
    closeSession: (session) => session.close(),
    resources,
    invokes,
    prepare: withDefaultTags,
  });
}

function openSession(values: Record<string, unknown>, environment: NodeJS.ProcessEnv): AwsSession {
  const from = (key: string, ...names: string[]): string | undefined => {
    const configured = values[key];
    if (typeof configured === "string" && configured !== "") return configured;
    return names.map((name) => environment[name]).find((value) => value !== undefined && value !== "");
  };
  const { allowedAccountIds } = values;
  return new AwsSession({
    endpoint: environment.AWS_ENDPOINT_URL || undefined,
    region: from("region", "AWS_REGION", "AWS_DEFAULT_REGION"),
    accessKeyId: from("accessKey", "AWS_ACCESS_KEY_ID"),
    secretAccessKey: from("secretKey", "AWS_SECRET_ACCESS_KEY"),
    sessionToken: from("token", "AWS_SESSION_TOKEN"),
    ...(Array.isArray(allowedAccountIds) ? { allowedAccountIds: allowedAccountIds.map(String) } : {}),
    defaultTags: defaultTagsOf(values),
  });
}

function defaultTagsOf({ defaultTags }: Record<string, unknown>): Record<string, string> {
  const tags = isRecord(defaultTags) ? defaultTags.tags : undefined;
  return isRecord(tags) ? Object.fromEntries(Object.entries(tags).map(([k, v]) => [k, String(v)])) : {};
}

/** Default tags become part of the checked inputs, under the resource's own ones. */
function withDefaultTags(
  session: AwsSession | undefined,
  handler: ResourceHandler<AwsSession>,
  news: Record<string, unknown>,
): Record<string, unknown> {
  const defaults = session?.settings.defaultTags ?? {};
  const own = news.tags ?? {};
  if (!("tags" in handler.inputs) || !isRecord(own) || Object.keys(defaults).length === 0) return news;
  return { ...news, tags: { ...defaults, ...own } };
}
