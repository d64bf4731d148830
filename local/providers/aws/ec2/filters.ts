// The questions EC2's data sources ask: named filters, and tags as filters.

import type { Filter } from "@aws-sdk/client-ec2";
import { list, map, object, text } from "../../schema.ts";
import type { AwsSession } from "../session.ts";

export const filters = list(
  object({ name: text({ required: true }), values: list(text(), { required: true }) }),
);

export const filterInputs = { filters, region: text(), tags: map() } as const;

interface Question {
  filters?: { name: string; values: string[] }[];
  tags?: Record<string, string>;
}

/** Undefined when there is nothing to ask for: EC2 refuses an empty list of filters. */
export function toFilters(
  asked: Question,
  more: Record<string, string | undefined> = {},
): Filter[] | undefined {
  const given = [
    ...(asked.filters ?? []).map(({ name, values }) => ({ Name: name, Values: values })),
    ...Object.entries(asked.tags ?? {}).map(([key, value]) => ({ Name: `tag:${key}`, Values: [value] })),
    ...Object.entries(more).flatMap(([name, value]) =>
      value === undefined ? [] : [{ Name: name, Values: [value] }],
    ),
  ];
  return given.length === 0 ? undefined : given;
}

/** Without an endpoint nobody can be asked: a preview goes on with unknown answers. */
export function offline(session: AwsSession): boolean {
  return session.settings.endpoint === undefined;
}
