// Names of a site: a certificate that AWS renews by itself, shown to be the owner's by records in the zone, and the records
// that send visitors to CloudFront.
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

export interface DomainArgs {
  /** Names of the site, the main one first. */
  domains: string[];
  /** The public hosted zone that all of them are in. */
  zoneId: string;
  /** A certificate that is there already. @default one is made */
  certificateArn?: pulumi.Input<string>;
}

/** The certificate is where CloudFront looks for it. */
const REGION = "us-east-1";

/** The names' records, and a certificate for them. */
export class Domain extends pulumi.ComponentResource {
  /** Known once the certificate is issued. */
  readonly certificateArn: pulumi.Output<string>;
  readonly #name: string;
  readonly #args: DomainArgs;

  constructor(name: string, args: DomainArgs, opts?: pulumi.ComponentResourceOptions) {
    super("greenlight:infra:Domain", name, {}, opts);
    this.certificateArn = pulumi.output(args.certificateArn ?? this.#validated(name, args));
    this.#name = name;
    this.#args = args;
    this.registerOutputs({ certificateArn: this.certificateArn });
  }

  /** A certificate of the domains, proven by records in their zone. */
  #validated(name: string, { domains, zoneId }: DomainArgs): pulumi.Output<string> {
    const parent = { parent: this };
    const [domainName = "", ...subjectAlternativeNames] = domains;
    const certificate = new aws.acm.Certificate(
      `${name}-site`,
      {
        region: REGION,
        domainName,
        ...(subjectAlternativeNames.length > 0 && { subjectAlternativeNames }),
        validationMethod: "DNS",
      },
      parent,
    );
    const proofs = domains.map((domain) => {
      // AWS tells the options in an order of its own, which is another one once a name is added.
      const option = certificate.domainValidationOptions.apply((options) =>
        options.find(({ domainName }) => domainName === domain),
      );
      const part = (value: (one: aws.types.output.acm.CertificateDomainValidationOption) => string) =>
        option.apply((one) => (one === undefined ? "" : value(one)));
      return new aws.route53.Record(
        `${name}-certificate-${domain}`,
        {
          zoneId,
          name: part(({ resourceRecordName }) => resourceRecordName),
          type: part(({ resourceRecordType }) => resourceRecordType),
          records: [part(({ resourceRecordValue }) => resourceRecordValue)],
          ttl: 300,
          // A name and its wildcard share one record.
          allowOverwrite: true,
        },
        parent,
      );
    });
    return new aws.acm.CertificateValidation(
      `${name}-site`,
      {
        region: REGION,
        certificateArn: certificate.arn,
        validationRecordFqdns: proofs.map(({ fqdn }) => fqdn),
      },
      parent,
    ).certificateArn;
  }

  /** Sends visitors of all names to the distribution, over IPv4 and IPv6. */
  pointTo(distribution: Pick<aws.cloudfront.Distribution, "domainName" | "hostedZoneId">): void {
    const target = { name: distribution.domainName, zoneId: distribution.hostedZoneId };
    for (const domain of this.#args.domains)
      for (const type of ["A", "AAAA"] as const)
        new aws.route53.Record(
          `${this.#name}-${domain}-${type.toLowerCase()}`,
          {
            zoneId: this.#args.zoneId,
            name: domain,
            type,
            aliases: [{ ...target, evaluateTargetHealth: false }],
          },
          { parent: this },
        );
  }
}
