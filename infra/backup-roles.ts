// Who brings backups and who fetches them. The writer can only ever put: should its credentials leak with the machine that
// they are on, the backups that exist can be neither read nor deleted with them.
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

export interface BackupRolesArgs {
  /** 12 digits. */
  accountId: string;
  region: string;
  /** ARNs of identities that may take the writer's role. @default no role */
  writers?: string[];
  /** ARNs of identities that may take the reader's role. @default no role */
  readers?: string[];
  /** The most that the roles may do, an ARN. @default no boundary */
  permissionsBoundary?: pulumi.Input<string>;
}

/** The roles `NAME-backup-writer` and `NAME-backup-reader`, each if somebody may take it. */
export class BackupRoles extends pulumi.ComponentResource {
  readonly writerArn: pulumi.Output<string> | undefined;
  readonly readerArn: pulumi.Output<string> | undefined;
  readonly #roles: { writer: aws.iam.Role | undefined; reader: aws.iam.Role | undefined };
  readonly #args: BackupRolesArgs;
  readonly #name: string;

  constructor(name: string, args: BackupRolesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("greenlight:infra:BackupRoles", name, {}, opts);
    const role = (purpose: string, description: string, takenBy: string[] | undefined) =>
      takenBy &&
      new aws.iam.Role(
        `${name}-backup-${purpose}`,
        {
          name: `${name}-backup-${purpose}`,
          description,
          assumeRolePolicy: trust(takenBy),
          permissionsBoundary: args.permissionsBoundary,
        },
        { parent: this },
      );
    this.#args = args;
    this.#name = name;
    this.#roles = {
      writer: role("writer", `Puts backups of ${name}, and nothing else`, args.writers),
      reader: role("reader", `Fetches backups of ${name} to restore them`, args.readers),
    };
    this.writerArn = this.#roles.writer?.arn;
    this.readerArn = this.#roles.reader?.arn;
    this.registerOutputs({ writerArn: this.writerArn, readerArn: this.readerArn });
  }

  /** The roles themselves, without what they are allowed. */
  get identities(): pulumi.Resource[] {
    return Object.values(this.#roles).filter((role) => role !== undefined);
  }

  /** Gives the roles what they need in a bucket whose objects are encrypted with the key. */
  allow(bucketArn: pulumi.Input<string>, keyArn: pulumi.Input<string>): void {
    const { region } = this.#args;
    const allowed = {
      writer: (bucket: string, key: string) => [
        // Decrypting belongs to an upload in parts: S3 reads what it joins.
        { Effect: "Allow", Action: ["s3:PutObject", "s3:AbortMultipartUpload"], Resource: `${bucket}/*` },
        throughS3(["kms:GenerateDataKey", "kms:Decrypt"], key, region),
      ],
      reader: (bucket: string, key: string) => [
        { Effect: "Allow", Action: ["s3:ListBucket", "s3:ListBucketVersions"], Resource: bucket },
        { Effect: "Allow", Action: ["s3:GetObject", "s3:GetObjectVersion"], Resource: `${bucket}/*` },
        throughS3(["kms:Decrypt"], key, region),
      ],
    };
    for (const purpose of ["writer", "reader"] as const) {
      const role = this.#roles[purpose];
      if (role === undefined) continue;
      new aws.iam.RolePolicy(
        `${this.#name}-backup-${purpose}`,
        {
          role: role.name,
          policy: pulumi
            .all([bucketArn, keyArn])
            .apply(([bucket, key]) =>
              JSON.stringify({ Version: "2012-10-17", Statement: allowed[purpose](bucket, key) }),
            ),
        },
        { parent: this },
      );
    }
  }
}

/** The writer's ARN before the role exists, for the bucket's policy. */
export function writerArnOf(name: string, accountId: string): string {
  return `arn:aws:iam::${accountId}:role/${name}-backup-writer`;
}

/** Holds whatever else the writer is ever allowed by another policy. */
export function onlyWrites(bucketArn: string, writerArn: string): aws.iam.PolicyStatement {
  return {
    Sid: "WriterOnlyWrites",
    Effect: "Deny",
    Principal: { AWS: writerArn },
    NotAction: ["s3:PutObject", "s3:AbortMultipartUpload"],
    Resource: [bucketArn, `${bucketArn}/*`],
  };
}

function trust(identities: string[]): string {
  const statement = { Effect: "Allow", Principal: { AWS: identities }, Action: "sts:AssumeRole" };
  return JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
}

function throughS3(actions: string[], keyArn: string, region: string) {
  return {
    Effect: "Allow",
    Action: actions,
    Resource: keyArn,
    Condition: { StringEquals: { "kms:ViaService": `s3.${region}.amazonaws.com` } },
  };
}
