// aws.cloudwatch.Dashboard.

import { resourceHandler } from "../../handler.ts";
import { json, text } from "../../schema.ts";
import { unless } from "../absent.ts";
import { regional } from "../common.ts";
import type { AwsSession } from "../session.ts";

const ABSENT = ["ResourceNotFound", "DashboardNotFoundError", "ResourceNotFoundException"];

export const dashboard = resourceHandler<AwsSession>()({
  inputs: {
    dashboardBody: json({ required: true }),
    dashboardName: text({ required: true, replace: true }),
    ...regional,
  },
  outputs: { dashboardArn: text() },
  stables: ["dashboardArn"],

  identify: (desired) => desired.dashboardName,

  async observe(id, _known, session) {
    const cloudwatch = await session.client("cloudwatch");
    const found = await unless(ABSENT, cloudwatch.getDashboard({ DashboardName: id }));
    if (!found?.DashboardBody) return undefined;
    const { DashboardBody: dashboardBody, DashboardArn: dashboardArn } = found;
    return { dashboardArn, dashboardBody, dashboardName: id, region: session.region };
  },

  async create(desired, session) {
    await put(desired.dashboardName, desired.dashboardBody, session);
    return desired.dashboardName;
  },

  sync: (id, desired, _observed, session) => put(id, desired.dashboardBody, session),

  async delete(id, _known, session) {
    const cloudwatch = await session.client("cloudwatch");
    await unless(ABSENT, cloudwatch.deleteDashboards({ DashboardNames: [id] }));
  },
});

/** CloudWatch stores a faulty body and only says so: that is a failure here. */
async function put(DashboardName: string, DashboardBody: string, session: AwsSession): Promise<void> {
  const cloudwatch = await session.client("cloudwatch");
  const { DashboardValidationMessages = [] } = await cloudwatch.putDashboard({
    DashboardName,
    DashboardBody,
  });
  const [first] = DashboardValidationMessages;
  if (first) throw new Error(`dashboardBody is not valid: ${first.DataPath} ${first.Message}`);
}
