// How the new version reaches users: the application's own release command, then the site.
import * as pulumi from "@pulumi/pulumi";
import { digestOfContents } from "../checks/release/contents.ts";
import { Release } from "../checks/release.ts";
import { SiteRelease } from "../checks/site.ts";
import { stepOptions } from "../checks/step/sequence.ts";
import type { Stack } from "./stack.ts";
import { undoneBy } from "./undo.ts";

/** The application, then its site. */
export function deliver(stack: Stack): void {
  release(stack);
  site(stack);
}

function release(stack: Stack): void {
  const { application, agent, backupPlan } = stack.estate;
  if (!stack.settings.release) return;
  const { command, versionUrl, contents, directory, environment, ...given } = stack.settings.release;
  if (command === undefined || versionUrl === undefined) return;
  const digest = digestOfContents(contents.map((path) => stack.path(path)));
  stack.sequence.add(Release, "release", {
    ...given,
    command,
    versionUrl,
    directory: stack.path(directory),
    environment: pulumi.all({
      ...environment,
      RELEASE_VERSION: given.version,
      // The application reads its variables at its start; the command is given the name of the secret alone.
      ...(application && { APP_SECRET_ID: application.secretName }),
      ...(agent && { AGENT_SECRET_ID: agent.secretName }),
      ...(backupPlan && { BACKUP_SECRET_ID: backupPlan.secretName }),
    }),
    triggers: [
      digest,
      ...(application ? [application.versionId] : []),
      ...(agent ? [agent.versionId] : []),
      ...(backupPlan ? [backupPlan.versionId] : []),
      ...stack.backSince,
    ],
  });
}

function site(stack: Stack): void {
  const { settings, estate } = stack;
  if (!settings.site || !estate.site) return;
  const { maximumBytes, budgets, keepAssetDays, edgeUrl, directory } = settings.site;
  stack.sequence.add(SiteRelease, "site", {
    directory: stack.path(directory),
    bucket: estate.site.bucketName,
    distributionId: estate.site.distributionId,
    ...estate.site.edge(edgeUrl),
    headers: estate.site.headers,
    maximumBytes,
    budgets,
    keepAssetDays,
    recorded: undoneBy(settings)?.site,
    triggers: stack.backSince,
    ...stepOptions(settings.site),
  });
}
