// aws.iam.OpenIdConnectProvider: whose tokens IAM believes, e.g. those of a CI. The emulator makes and deletes one, but has no
// call that changes it: a changed audience or tag is told as its error.

import { resourceHandler } from "../../handler.ts";
import { list, set, text } from "../../schema.ts";
import { unless } from "../absent.ts";
import { tagChanges, tagged, taggedOutputs, tagList, tagOutputs } from "../common.ts";
import { type AwsSession, PARTITION } from "../session.ts";
import { ABSENT } from "./documents.ts";

export const openIdConnectProvider = resourceHandler<AwsSession>()({
  inputs: {
    url: text({ required: true, replace: true }),
    clientIdLists: set(text({ required: true }), { required: true }),
    thumbprintLists: list(text(), { computed: true }),
    ...tagged,
  },
  outputs: taggedOutputs,
  stables: ["arn"],

  identify: async ({ url }, session) =>
    `arn:${PARTITION}:iam::${await session.accountId()}:oidc-provider/${withoutScheme(url)}`,

  async observe(id, known, session) {
    const iam = await session.client("iam");
    const found = await unless(ABSENT, iam.getOpenIDConnectProvider({ OpenIDConnectProviderArn: id }));
    if (!found) return undefined;
    return {
      arn: id,
      // IAM leaves the scheme out.
      url: known.url && withoutScheme(known.url) === withoutScheme(found.Url ?? "") ? known.url : found.Url,
      clientIdLists: found.ClientIDList,
      thumbprintLists: found.ThumbprintList,
      ...tagOutputs(found.Tags),
    };
  },

  async create(desired, session) {
    const iam = await session.client("iam");
    const { OpenIDConnectProviderArn } = await iam.createOpenIDConnectProvider({
      Url: desired.url,
      ClientIDList: desired.clientIdLists,
      ThumbprintList: desired.thumbprintLists,
      Tags: tagList(desired.tags),
    });
    return OpenIDConnectProviderArn ?? "";
  },

  async sync(OpenIDConnectProviderArn, desired, observed, session) {
    const iam = await session.client("iam");
    const before = observed.clientIdLists ?? [];
    for (const ClientID of desired.clientIdLists.filter((one) => !before.includes(one)))
      await iam.addClientIDToOpenIDConnectProvider({ OpenIDConnectProviderArn, ClientID });
    for (const ClientID of before.filter((one) => !desired.clientIdLists.includes(one)))
      await iam.removeClientIDFromOpenIDConnectProvider({ OpenIDConnectProviderArn, ClientID });
    const ThumbprintList = desired.thumbprintLists;
    if (ThumbprintList)
      await iam.updateOpenIDConnectProviderThumbprint({ OpenIDConnectProviderArn, ThumbprintList });
    const tags = tagChanges(observed.tags, desired.tags);
    if (tags?.remove.length)
      await iam.untagOpenIDConnectProvider({ OpenIDConnectProviderArn, TagKeys: tags.remove });
    if (tags?.set.length) await iam.tagOpenIDConnectProvider({ OpenIDConnectProviderArn, Tags: tags.set });
  },

  async delete(id, _known, session) {
    const iam = await session.client("iam");
    await unless(ABSENT, iam.deleteOpenIDConnectProvider({ OpenIDConnectProviderArn: id }));
  },
});

function withoutScheme(url: string): string {
  return url.replace(/^https:\/\//, "");
}
