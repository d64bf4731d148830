// Which lock each statement takes on which table, as the documentation of PostgreSQL 14 to 18 has it ("Explicit Locking" and
// the page of each command). Not seen: statements within function bodies and DO blocks, and tables that the statement does not
// name, e.g. those at the other end of a dropped table's foreign keys.
import type { Node } from "../grammar.ts";
import type { TableName } from "./context.ts";

export const LOCK_MODES = [
  "ACCESS SHARE",
  "ROW SHARE",
  "ROW EXCLUSIVE",
  "SHARE UPDATE EXCLUSIVE",
  "SHARE",
  "SHARE ROW EXCLUSIVE",
  "EXCLUSIVE",
  "ACCESS EXCLUSIVE",
] as const;
export type LockMode = (typeof LOCK_MODES)[number];

export interface Lock {
  table: TableName;
  mode: LockMode;
}

interface Relation {
  schemaname?: string;
  relname?: string;
}

/** Locks on tables and views that are named in the statement; indexes are left out. */
export function locksOf(node: Node): Lock[] {
  if ("AlterTableStmt" in node) return alterTable(node.AlterTableStmt);
  if ("IndexStmt" in node) {
    const { relation, concurrent } = node.IndexStmt;
    return on(relation, concurrent ? "SHARE UPDATE EXCLUSIVE" : "SHARE");
  }
  if ("CreateTrigStmt" in node) return on(node.CreateTrigStmt.relation, "SHARE ROW EXCLUSIVE");
  if ("CreatePolicyStmt" in node) return on(node.CreatePolicyStmt.table, "ACCESS EXCLUSIVE");
  if ("AlterPolicyStmt" in node) return on(node.AlterPolicyStmt.table, "ACCESS EXCLUSIVE");
  if ("RuleStmt" in node) return on(node.RuleStmt.relation, "ACCESS EXCLUSIVE");
  if ("RenameStmt" in node) return on(node.RenameStmt.relation, "ACCESS EXCLUSIVE");
  if ("AlterObjectSchemaStmt" in node) return on(node.AlterObjectSchemaStmt.relation, "ACCESS EXCLUSIVE");
  if ("DropStmt" in node) return dropped(node).map((table) => ({ table, mode: "ACCESS EXCLUSIVE" }));
  if ("TruncateStmt" in node)
    return relations(node.TruncateStmt.relations).flatMap((relation) => on(relation, "ACCESS EXCLUSIVE"));
  if ("RefreshMatViewStmt" in node)
    return on(
      node.RefreshMatViewStmt.relation,
      node.RefreshMatViewStmt.concurrent ? "EXCLUSIVE" : "ACCESS EXCLUSIVE",
    );
  if ("ClusterStmt" in node) return on(node.ClusterStmt.relation, "ACCESS EXCLUSIVE");
  if ("VacuumStmt" in node) return vacuum(node.VacuumStmt);
  if ("ReindexStmt" in node) {
    const concurrent = node.ReindexStmt.params?.some(isNamed("concurrently")) ?? false;
    const ofTable = node.ReindexStmt.kind === "REINDEX_OBJECT_TABLE";
    return ofTable ? on(node.ReindexStmt.relation, concurrent ? "SHARE UPDATE EXCLUSIVE" : "SHARE") : [];
  }
  if ("LockStmt" in node) {
    const mode = LOCK_MODES[(node.LockStmt.mode ?? LOCK_MODES.length) - 1] ?? "ACCESS EXCLUSIVE";
    return relations(node.LockStmt.relations).flatMap((relation) => on(relation, mode));
  }
  if ("CreateStmt" in node) return referenced(node.CreateStmt.tableElts);
  if ("InsertStmt" in node) return on(node.InsertStmt.relation, "ROW EXCLUSIVE");
  if ("UpdateStmt" in node) return on(node.UpdateStmt.relation, "ROW EXCLUSIVE");
  if ("DeleteStmt" in node) return on(node.DeleteStmt.relation, "ROW EXCLUSIVE");
  if ("MergeStmt" in node) return on(node.MergeStmt.relation, "ROW EXCLUSIVE");
  if ("CreateStatsStmt" in node)
    return relations(node.CreateStatsStmt.relations).flatMap((relation) =>
      on(relation, "SHARE UPDATE EXCLUSIVE"),
    );
  if ("CommentStmt" in node) return comment(node);
  return [];
}

/** Subcommands with a weaker lock than the ACCESS EXCLUSIVE of all others. */
const WEAKER: { [subtype: string]: LockMode } = {
  AT_SetStatistics: "SHARE UPDATE EXCLUSIVE",
  AT_SetOptions: "SHARE UPDATE EXCLUSIVE",
  AT_ResetOptions: "SHARE UPDATE EXCLUSIVE",
  AT_ClusterOn: "SHARE UPDATE EXCLUSIVE",
  AT_DropCluster: "SHARE UPDATE EXCLUSIVE",
  AT_ValidateConstraint: "SHARE UPDATE EXCLUSIVE",
  AT_EnableTrig: "SHARE ROW EXCLUSIVE",
  AT_EnableAlwaysTrig: "SHARE ROW EXCLUSIVE",
  AT_EnableReplicaTrig: "SHARE ROW EXCLUSIVE",
  AT_DisableTrig: "SHARE ROW EXCLUSIVE",
  AT_EnableTrigAll: "SHARE ROW EXCLUSIVE",
  AT_DisableTrigAll: "SHARE ROW EXCLUSIVE",
  AT_EnableTrigUser: "SHARE ROW EXCLUSIVE",
  AT_DisableTrigUser: "SHARE ROW EXCLUSIVE",
};
/** Storage parameters that need no ACCESS EXCLUSIVE: those of autovacuum, of vacuum, and these. */
const ONLINE_PARAMETER =
  /^(autovacuum_|vacuum_|toast\.|log_autovacuum|fillfactor$|parallel_workers$|toast_tuple_target$|n_distinct)/;

function alterTable(statement: Extract<Node, { AlterTableStmt: unknown }>["AlterTableStmt"]): Lock[] {
  if (statement.objtype === "OBJECT_INDEX" || statement.objtype === "OBJECT_TYPE") return [];
  const locks = (statement.cmds ?? []).flatMap((cmd): Lock[] => {
    if (!("AlterTableCmd" in cmd)) return [];
    const { subtype = "", def } = cmd.AlterTableCmd;
    const constraint = def && "Constraint" in def ? def.Constraint : undefined;
    if (subtype === "AT_AddConstraint" && constraint?.contype === "CONSTR_FOREIGN")
      return [
        ...on(statement.relation, "SHARE ROW EXCLUSIVE"),
        ...on(constraint.pktable, "SHARE ROW EXCLUSIVE"),
      ];
    if (subtype === "AT_SetRelOptions" || subtype === "AT_ResetRelOptions") {
      const names = def && "List" in def ? (def.List.items ?? []).map(defName) : [];
      const online = names.length > 0 && names.every((name) => ONLINE_PARAMETER.test(name));
      return on(statement.relation, online ? "SHARE UPDATE EXCLUSIVE" : "ACCESS EXCLUSIVE");
    }
    if (subtype === "AT_AttachPartition" && def && "PartitionCmd" in def)
      return [
        ...on(statement.relation, "SHARE UPDATE EXCLUSIVE"),
        ...on(def.PartitionCmd.name, "ACCESS EXCLUSIVE"),
      ];
    const concurrentDetach =
      subtype === "AT_DetachPartition" && def && "PartitionCmd" in def && def.PartitionCmd.concurrent;
    const mode = concurrentDetach ? "SHARE UPDATE EXCLUSIVE" : (WEAKER[subtype] ?? "ACCESS EXCLUSIVE");
    const column = def && "ColumnDef" in def ? (def.ColumnDef.constraints ?? []) : [];
    return [...on(statement.relation, mode), ...referenced(column)];
  });
  return locks;
}

/** Tables that foreign keys of a new table or column point at. */
function referenced(elements: Node[] | undefined): Lock[] {
  return (elements ?? []).flatMap((element): Lock[] => {
    if ("ColumnDef" in element) return referenced(element.ColumnDef.constraints);
    if (!("Constraint" in element) || element.Constraint.contype !== "CONSTR_FOREIGN") return [];
    return on(element.Constraint.pktable, "SHARE ROW EXCLUSIVE");
  });
}

function vacuum(statement: Extract<Node, { VacuumStmt: unknown }>["VacuumStmt"]): Lock[] {
  const full = statement.options?.some(isNamed("full")) ?? false;
  return (statement.rels ?? []).flatMap((rel) =>
    "VacuumRelation" in rel
      ? on(rel.VacuumRelation.relation, full ? "ACCESS EXCLUSIVE" : "SHARE UPDATE EXCLUSIVE")
      : [],
  );
}

function comment(node: Extract<Node, { CommentStmt: unknown }>): Lock[] {
  const { objtype, object } = node.CommentStmt;
  const parts = object && "List" in object ? strings(object.List.items) : [];
  const names = objtype === "OBJECT_TABLE" ? parts : objtype === "OBJECT_COLUMN" ? parts.slice(0, -1) : [];
  const table = tableNamed(names);
  return table ? [{ table, mode: "SHARE UPDATE EXCLUSIVE" }] : [];
}

/** Tables that a DROP names: itself, or the table of a dropped trigger, policy or rule. */
export function dropped(node: Extract<Node, { DropStmt: unknown }>): TableName[] {
  const { removeType = "", objects = [] } = node.DropStmt;
  const whole = ["OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_FOREIGN_TABLE"].includes(
    removeType,
  );
  const ofTable = ["OBJECT_TRIGGER", "OBJECT_POLICY", "OBJECT_RULE"].includes(removeType);
  if (!whole && !ofTable) return [];
  return objects.flatMap((object) => {
    const names = "List" in object ? strings(object.List.items) : [];
    return tableNamed(whole ? names : names.slice(0, -1)) ?? [];
  });
}

function tableNamed(names: string[]): TableName | undefined {
  const name = names.at(-1);
  return name === undefined ? undefined : { schema: names.at(-2), name };
}

function strings(items: Node[] | undefined): string[] {
  return (items ?? []).flatMap((item) => ("String" in item ? [item.String.sval ?? ""] : []));
}

function relations(nodes: Node[] | undefined): Relation[] {
  return (nodes ?? []).flatMap((node) => ("RangeVar" in node ? [node.RangeVar] : []));
}

function on(relation: Relation | undefined, mode: LockMode): Lock[] {
  if (!relation?.relname) return [];
  return [{ table: { schema: relation.schemaname, name: relation.relname }, mode }];
}

function isNamed(name: string): (node: Node) => boolean {
  return (node) => defName(node) === name;
}

function defName(node: Node): string {
  if (!("DefElem" in node)) return "";
  const { defnamespace, defname = "" } = node.DefElem;
  return defnamespace ? `${defnamespace}.${defname}` : defname;
}
