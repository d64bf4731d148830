// Rules for functions.
import type { Rule } from "./rule.ts";

export const definerPath: Rule = (node) => {
  if (!("CreateFunctionStmt" in node)) return [];
  const { options = [], funcname = [] } = node.CreateFunctionStmt;
  const defined = options.flatMap((o) => ("DefElem" in o ? [o.DefElem] : []));
  const definer = defined.some(
    (o) => o.defname === "security" && o.arg && "Boolean" in o.arg && o.arg.Boolean.boolval,
  );
  const path = defined.some(
    (o) =>
      o.defname === "set" &&
      o.arg &&
      "VariableSetStmt" in o.arg &&
      o.arg.VariableSetStmt.name === "search_path",
  );
  if (!definer || path) return [];
  const name = funcname.flatMap((n) => ("String" in n ? [n.String.sval] : [])).join(".");
  return [
    {
      rule: "definer-search-path",
      severity: "error",
      message: `SECURITY DEFINER function ${name} without a search_path of its own: a caller can make it run other functions`,
      fix: "add SET search_path = pg_catalog, SCHEMA, pg_temp",
    },
  ];
};
