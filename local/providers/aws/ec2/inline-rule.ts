// A rule written inside a security group: its table and its two spellings, Pulumi's and EC2's.

import type { IpPermission } from "@aws-sdk/client-ec2";
import { flag, list, number, object, set, text, type ValueOf } from "../../schema.ts";

const PROTOCOL_NUMBERS: Record<string, string> = { all: "-1", "6": "tcp", "17": "udp", "1": "icmp" };

export const rule = object({
  cidrBlocks: list(text()),
  description: text(),
  fromPort: number({ required: true }),
  ipv6CidrBlocks: list(text()),
  prefixListIds: list(text()),
  protocol: text({ required: true }),
  securityGroups: set(text()),
  self: flag({ default: false }),
  toPort: number({ required: true }),
});

export type Rule = ValueOf<typeof rule>;

/** Port 0 to 0 of protocol -1 means every port, which EC2 has without ports. */
export function toPermission(from: Rule, groupId: string): IpPermission {
  const IpProtocol = PROTOCOL_NUMBERS[from.protocol.toLowerCase()] ?? from.protocol.toLowerCase();
  const Description = from.description || undefined;
  const groups = [...(from.securityGroups ?? []), ...(from.self ? [groupId] : [])];
  return {
    IpProtocol,
    ...(IpProtocol === "-1" ? {} : { FromPort: from.fromPort, ToPort: from.toPort }),
    ...nonEmpty("IpRanges", from.cidrBlocks, (CidrIp) => ({ CidrIp, Description })),
    ...nonEmpty("Ipv6Ranges", from.ipv6CidrBlocks, (CidrIpv6) => ({ CidrIpv6, Description })),
    ...nonEmpty("PrefixListIds", from.prefixListIds, (PrefixListId) => ({ PrefixListId, Description })),
    ...nonEmpty("UserIdGroupPairs", groups.toSorted(), (GroupId) => ({ GroupId, Description })),
  };
}

function nonEmpty<T, R>(key: string, values: T[] | undefined, each: (value: T) => R): Record<string, R[]> {
  return values && values.length > 0 ? { [key]: values.map(each) } : {};
}

/** EC2 joins rules of equal protocol and ports; descriptions tell them apart again. */
export function fromPermissions(permissions: IpPermission[] | undefined, groupId: string): Rule[] {
  return (permissions ?? []).flatMap((permission) =>
    [...descriptionsOf(permission)].map((description) => fromPermission(permission, description, groupId)),
  );
}

function descriptionsOf(permission: IpPermission): Set<string> {
  const { IpRanges = [], Ipv6Ranges = [], PrefixListIds = [], UserIdGroupPairs = [] } = permission;
  const everything = [...IpRanges, ...Ipv6Ranges, ...PrefixListIds, ...UserIdGroupPairs];
  return new Set(everything.map(({ Description = "" }) => Description));
}

function fromPermission(permission: IpPermission, description: string, groupId: string): Rule {
  const own = <T extends { Description?: string }>(items: T[] | undefined) =>
    (items ?? []).filter(({ Description = "" }) => Description === description);
  const groups = own(permission.UserIdGroupPairs).flatMap(({ GroupId }) => GroupId ?? []);
  return {
    cidrBlocks: own(permission.IpRanges).flatMap(({ CidrIp }) => CidrIp ?? []),
    description,
    fromPort: permission.FromPort ?? 0,
    ipv6CidrBlocks: own(permission.Ipv6Ranges).flatMap(({ CidrIpv6 }) => CidrIpv6 ?? []),
    prefixListIds: own(permission.PrefixListIds).flatMap(({ PrefixListId }) => PrefixListId ?? []),
    protocol: permission.IpProtocol ?? "-1",
    securityGroups: groups.filter((id) => id !== groupId),
    self: groups.includes(groupId),
    toPort: permission.ToPort ?? 0,
  };
}
