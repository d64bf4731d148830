// aws.acm.CertificateValidation: no thing of its own, but the wait until a certificate is issued.

import { resourceHandler } from "../../handler.ts";
import { set, text } from "../../schema.ts";
import { waitFor } from "../../wait.ts";
import { unless } from "../absent.ts";
import { regional } from "../common.ts";
import type { AwsSession } from "../session.ts";

const ISSUE_SECONDS = 300;

export const certificateValidation = resourceHandler<AwsSession>()({
  inputs: {
    certificateArn: text({ required: true, replace: true }),
    validationRecordFqdns: set(text(), { replace: true, kept: true }),
    ...regional,
  },
  outputs: {},

  async observe(id, _known, session) {
    const acm = await session.client("acm");
    const call = acm.describeCertificate({ CertificateArn: id });
    const found = await unless(["ResourceNotFoundException"], call);
    if (found?.Certificate?.Status !== "ISSUED") return undefined;
    return { certificateArn: id, region: session.region };
  },

  async create({ certificateArn: CertificateArn }, session) {
    const acm = await session.client("acm");
    return waitFor(`certificate "${CertificateArn}" issued`, ISSUE_SECONDS, async () => {
      const { Certificate } = await acm.describeCertificate({ CertificateArn });
      return Certificate?.Status === "ISSUED" ? CertificateArn : undefined;
    });
  },

  async delete() {},
});
