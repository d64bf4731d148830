// Settings of the gates that only signatures open, before and after a deployment.
import { z } from "zod";
// The formats belong to the check.
import { freeze } from "../../../checks/sign-off/freeze.ts";
import { path, stepOptions, whole } from "../kinds.ts";

const roles = () =>
  z.array(
    z
      .strictObject({
        role: z.string().min(1).describe("the role, e.g. `Tech Lead`"),
        count: whole(1, 20, "persons").default(1).describe("how many different persons have to sign in it"),
      })
      .describe("a role that has to sign"),
  );

const signer = () =>
  z
    .strictObject({
      person: z.string().min(1).describe("who signs, e.g. `ana@example.com`"),
      key: z
        .string()
        .regex(/^(ssh|ecdsa|sk)-\S+ \S+/)
        .describe("their public SSH key"),
      roles: z.array(z.string().min(1)).min(1).describe("roles in which they may sign"),
    })
    .describe("a person who may sign");

/** What `signersFile` holds. */
export const signersFile = () => z.array(signer());

/** `greenlight:signOff` */
export const signOff = () =>
  z
    .strictObject({
      directory: path()
        .default("sign-offs")
        .describe("where statements and their signatures are kept; commit them"),
      signers: z.array(signer()).default([]).describe("who may sign, with which key, in which roles"),
      signersFile: path().optional().describe("more signers, a list in a YAML file"),
      before: roles().default([]).describe("who has to sign before anything is changed"),
      after: roles().default([]).describe("who has to accept what was deployed, after all checks"),
      validHours: whole(1, 2160, "hours")
        .default(72)
        .describe(
          "how old a signature may be when the gate opens; a gate that opened stays open for the same deployment",
        ),
      authors: z
        .array(z.string().min(1))
        .default([])
        .describe('who made the change and therefore cannot approve it, e.g. `["${GIT_AUTHOR_EMAIL}"]`'),
      waiverRoles: z
        .array(z.string().min(1))
        .default([])
        .describe("roles in which boxes of the checklist may be waived for a time"),
      freezes: z
        .array(freeze())
        .default([])
        .describe(
          "windows in which nothing is deployed, by the clock of their time zone; `until` is the first minute after",
        ),
      waitSeconds: whole(0, 86_400, "seconds")
        .default(0)
        .describe("how long `up` waits at a gate for signatures that are missing"),
      acceptWithinHours: whole(0, 2160, "hours")
        .default(24)
        .describe(
          "how long after the deployment `after` may be signed; until then it is pending, then it fails",
        ),
      ...stepOptions,
    })
    .refine(({ before, after }) => before.length + after.length > 0, {
      error: "`before` or `after`: a gate that nobody has to sign is none",
    })
    .describe("Decisions of named persons, signed with their SSH keys over the digest of what is deployed.")
    .meta({
      example: {
        before: [{ role: "Tech Lead" }],
        signers: [
          {
            person: "ana@example.com",
            key: "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEXAMPLE",
            roles: ["Tech Lead"],
          },
        ],
      },
    });
