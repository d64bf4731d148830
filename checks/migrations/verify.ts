// Turns the statements of a verify block into SQL that stops the transaction by itself: no turn to the client is needed
// between the file's changes and their commit. A SELECT must give at least one row, and true in every boolean column.
import type { Node } from "./grammar.ts";
import { quoteText } from "./history.ts";
import type { Statement } from "./script.ts";

/** SQLSTATE of a verify statement that was not true; a class of our own. */
export const VERIFY_FAILED = "GLV01";

/** Why a statement of a verify block cannot be judged, and what to write instead. */
export function verifyRefusal(node: Node): string | undefined {
  if (!("SelectStmt" in node) || node.SelectStmt.intoClause) return undefined;
  if (node.SelectStmt.withClause?.ctes?.some(writes))
    return "a SELECT that also writes cannot be judged; write it as two statements";
  return columnsOf(node.SelectStmt) === undefined
    ? '"*" hides how many columns are judged; name them'
    : undefined;
}

export function verifySql({ node, text }: Statement): string {
  if (!("SelectStmt" in node) || node.SelectStmt.intoClause) return text;
  const columns = columnsOf(node.SelectStmt) ?? 0;
  // Without columns there is nothing to look at but whether there is a row.
  return columns === 0 ? judge(`select exists (\n${text}\n)`, 1) : judge(text, columns);
}

/** Column types are known only to the server, so that it decides which columns are boolean. */
function judge(select: string, columns: number): string {
  const names = Array.from({ length: columns }, (_, index) => `c${index + 1}`);
  const untrue = names
    .map((name) => `(pg_typeof(v.${name}) = 'boolean'::regtype and v.${name}::text is distinct from 'true')`)
    .join(" or ");
  const shown = names.map((name) => `coalesce(v.${name}::text, 'null')`).join(" || ', ' || ");
  // The outer join gives one row of nulls for an empty result: no row is no proof, whatever its columns' types.
  const query = `select case when v.is_row then ${shown} else 'no row' end from (select 1) one
left join (select true, w.* from (\n${select}\n) w) v (is_row, ${names.join(", ")}) on true where v.is_row is null or ${untrue} limit 1`;
  return `do ${quoteText(`declare seen text;
begin
  execute ${quoteText(query)} into seen;
  if seen is not null then
    raise exception using errcode = '${VERIFY_FAILED}', message = 'not true: got ' || seen || ', want true';
  end if;
end`)}`;
}

type Select = Extract<Node, { SelectStmt: unknown }>["SelectStmt"];

/** Undefined when only the server could count them. */
function columnsOf(select: Select): number | undefined {
  if (select.larg) return columnsOf(select.larg);
  const values = select.valuesLists?.[0];
  if (values) return "List" in values ? (values.List.items?.length ?? 0) : undefined;
  const targets = select.targetList ?? [];
  return targets.some(isStar) ? undefined : targets.length;
}

function isStar(target: Node): boolean {
  if (!("ResTarget" in target)) return false;
  const value = target.ResTarget.val;
  const parts =
    value && "ColumnRef" in value
      ? value.ColumnRef.fields
      : value && "A_Indirection" in value
        ? value.A_Indirection.indirection
        : undefined;
  return parts?.some((part) => "A_Star" in part) ?? false;
}

function writes(cte: Node): boolean {
  if (!("CommonTableExpr" in cte)) return false;
  const query = cte.CommonTableExpr.ctequery;
  return query !== undefined && !("SelectStmt" in query);
}
