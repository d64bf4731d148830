// Properties that most AWS resource types share: region and tags.

import { map, text } from "../schema.ts";

/** In aws v7 every regional resource may name its region; it then stays there. */
export const regional = { region: text({ computed: true, replace: true }) } as const;

export const tagged = { tags: map() } as const;
export const taggedOutputs = { arn: text(), tagsAll: map() } as const;

/** AWS writes tags as a list of pairs. */
export function tagList(tags: Record<string, string> | undefined): { Key: string; Value: string }[] {
  return Object.entries(tags ?? {}).map(([Key, Value]) => ({ Key, Value }));
}

/** Tags as both outputs that classes promise: own tags already include the provider's default ones. */
export function tagOutputs(tags: readonly { Key?: string; Value?: string }[] | undefined): {
  tags: Record<string, string>;
  tagsAll: Record<string, string>;
} {
  const own = Object.fromEntries(
    (tags ?? []).flatMap(({ Key, Value }) =>
      Key === undefined || Key.startsWith("aws:") ? [] : [[Key, Value ?? ""]],
    ),
  );
  return { tags: own, tagsAll: own };
}

export interface TagChanges {
  set: { Key: string; Value: string }[];
  remove: string[];
}

/** What turns the tags that are there into the wanted ones; undefined when nothing does. */
export function tagChanges(
  observed: Record<string, string> | undefined,
  desired: Record<string, string> | undefined,
): TagChanges | undefined {
  const set = tagList(desired).filter(({ Key, Value }) => observed?.[Key] !== Value);
  const remove = Object.keys(observed ?? {}).filter((key) => desired?.[key] === undefined);
  return set.length + remove.length > 0 ? { set, remove } : undefined;
}
