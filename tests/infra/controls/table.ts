// docs/controls.md from the controls.
import type { Control } from "./control.ts";

/** @param lists controls by the service that they are about */
export function renderTable(lists: { [service: string]: Control[] }): string {
  const sections = Object.entries(lists).map(([service, controls]) =>
    [`## ${service}`, "", HEAD, ...controls.map(row), ""].join("\n"),
  );
  return [INTRODUCTION, ...sections, ONLY_AWS].join("\n");
}

const HEAD = "| Control | Asks for | Resource | Here |\n|---|---|---|---|";

const INTRODUCTION = `# Controls

What the lists of an AWS auditor ask of the resources that a stack registers: AWS Foundational Security Best Practices by their
own numbers, and the CIS AWS Foundations Benchmark where it has the same. Written by \`tests/infra/controls.test.ts\`, which looks at
every resource of a complete production stack and of each example's, and breaks every property to see its assertion fail
(\`npx vitest run tests/infra/controls.test.ts -u\` writes this file anew). It shows what is asked of AWS, not that an account is
set up well: controls of accounts, trails and organizations are named as such.
`;

const ONLY_AWS = `## What only AWS can show

\`tests/infra/access.test.ts\` deploys a stack with the deployer's policies on an emulator that enforces IAM, and tries by real requests
what the backup roles, the application and strangers may and may not, plain HTTP, the site's origin, copies in the other region,
drift and its repair. \`deployer-access.test.ts\` beside it tries who takes the deploying role and what it and the boundary refuse,
\`alarm-delivery.test.ts\` that alarms reach mail, webhooks and queues, \`database-roles.test.ts\` what each role of the database may do.
What the emulator keeps but does not act on is shown by the table above alone:

- AWS WAF: that requests are blocked, and their log (\`WebAclLoggingConfiguration\` exists on AWS only)
- ACM and Route 53: that a certificate is validated by its records, that names resolve, that health checks look
- KMS: rotation, and the services through which a key may be used
- S3: the refusal of another KMS key (\`OwnKeyOnly\`); lifecycle rules being carried out
- CloudFront: TLS versions, caching, HTTP/3; which distribution or policy a permission is for (all of the account's, there)
- IAM: which policy a permission is for, the condition on a new role's boundary, signatures of a CI's tokens, changes of an issuer
- SNS: mail of its own protocol (\`emails\`); the sink stands in for it behind an http subscription. Handing on what nobody took
- ElastiCache: failover, encryption at rest, log delivery, parameters in force; RotateSecret of Secrets Manager (rotation here is an update)
`;

function row(control: Control): string {
  const here =
    "waived" in control ? `waived: ${control.waived}` : `${control.met} (${control.breaks.length} breaks)`;
  return `| ${control.id} | ${control.asks} | ${control.type.split(":")[2]} | ${here} |`;
}
