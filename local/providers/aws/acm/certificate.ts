// aws.acm.Certificate, requested and validated by DNS. Imported, private and mail-validated ones are not supported. The
// emulator issues at once: that validation works is shown on AWS only.

import { resourceHandler } from "../../handler.ts";
import { list, object, set, text } from "../../schema.ts";
import { unless } from "../absent.ts";
import { regional, tagChanges, tagged, taggedOutputs, tagList, tagOutputs } from "../common.ts";
import type { AwsSession } from "../session.ts";

const ABSENT = ["ResourceNotFoundException"];

export const certificate = resourceHandler<AwsSession>()({
  inputs: {
    domainName: text({ required: true, replace: true }),
    subjectAlternativeNames: set(text(), { computed: true, replace: true }),
    validationMethod: text({ required: true, replace: true, oneOf: ["DNS"] }),
    ...regional,
    ...tagged,
  },
  outputs: {
    ...taggedOutputs,
    domainValidationOptions: list(
      object({
        domainName: text(),
        resourceRecordName: text(),
        resourceRecordType: text(),
        resourceRecordValue: text(),
      }),
    ),
    status: text(),
    type: text(),
  },
  stables: ["arn"],

  async observe(id, _known, session) {
    const acm = await session.client("acm");
    const found = await unless(ABSENT, acm.describeCertificate({ CertificateArn: id }));
    const live = found?.Certificate;
    if (!live) return undefined;
    const { Tags } = await acm.listTagsForCertificate({ CertificateArn: id });
    return {
      arn: live.CertificateArn,
      domainName: live.DomainName,
      subjectAlternativeNames: live.SubjectAlternativeNames,
      validationMethod: "DNS",
      domainValidationOptions: live.DomainValidationOptions?.map(({ DomainName, ResourceRecord }) => ({
        domainName: DomainName,
        resourceRecordName: ResourceRecord?.Name,
        resourceRecordType: ResourceRecord?.Type,
        resourceRecordValue: ResourceRecord?.Value,
      })),
      status: live.Status,
      type: live.Type,
      region: session.region,
      ...tagOutputs(Tags),
    };
  },

  async create(desired, session) {
    const acm = await session.client("acm");
    const Tags = tagList(desired.tags);
    const { CertificateArn } = await acm.requestCertificate({
      DomainName: desired.domainName,
      SubjectAlternativeNames: desired.subjectAlternativeNames,
      ValidationMethod: desired.validationMethod,
      ...(Tags.length > 0 && { Tags }),
    });
    return CertificateArn ?? "";
  },

  async sync(id, desired, observed, session) {
    const acm = await session.client("acm");
    const tags = tagChanges(observed.tags, desired.tags);
    const remove = tags?.remove.map((Key) => ({ Key })) ?? [];
    if (remove.length) await acm.removeTagsFromCertificate({ CertificateArn: id, Tags: remove });
    if (tags?.set.length) await acm.addTagsToCertificate({ CertificateArn: id, Tags: tags.set });
  },

  async delete(id, _known, session) {
    const acm = await session.client("acm");
    await unless(ABSENT, acm.deleteCertificate({ CertificateArn: id }));
  },
});
