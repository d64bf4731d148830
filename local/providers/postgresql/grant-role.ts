// postgresql.GrantRole: membership of one role in another.

import { escapeIdentifier } from "pg";
import { resourceHandler } from "../handler.ts";
import { flag, text } from "../schema.ts";
import type { PostgresqlSession } from "./session.ts";

export const grantRole = resourceHandler<PostgresqlSession>()({
  inputs: {
    role: text({ required: true, replace: true }),
    grantRole: text({ required: true, replace: true }),
    withAdminOption: flag({ default: false, replace: true }),
  },
  outputs: {},

  async observe(_id, known, session) {
    const [row] = await session.rows<{ admin: boolean }>(
      `select bool_or(admin_option) as admin from pg_auth_members m
         join pg_roles member on member.oid = m.member join pg_roles parent on parent.oid = m.roleid
        where member.rolname = $1 and parent.rolname = $2 having count(*) > 0`,
      [known.role, known.grantRole],
    );
    return row && { role: known.role, grantRole: known.grantRole, withAdminOption: row.admin };
  },

  async create({ role, grantRole, withAdminOption }, session) {
    const option = withAdminOption ? " with admin option" : "";
    await session.write([`grant ${escapeIdentifier(grantRole)} to ${escapeIdentifier(role)}${option}`]);
    return `${role}_${grantRole}_${withAdminOption}`;
  },

  async delete(id, known, session) {
    if (!known.role || !known.grantRole || !(await this.observe(id, known, session))) return;
    await session.write([`revoke ${escapeIdentifier(known.grantRole)} from ${escapeIdentifier(known.role)}`]);
  },
});
