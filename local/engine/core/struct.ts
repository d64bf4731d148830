// Property values to and from the protocol's Struct messages.

import type { ListValue, Struct, Value as StructValue } from "google-protobuf/google/protobuf/struct_pb.js";
import structProto from "google-protobuf/google/protobuf/struct_pb.js";
import type { PropertyMap, Value } from "../types.ts";

/** @throws nothing; absent structs are empty. */
export function fromStruct(struct: Struct | undefined): PropertyMap {
  const map: PropertyMap = {};
  struct?.getFieldsMap().forEach((value: StructValue, key: string) => {
    map[key] = fromValue(value);
  });
  return map;
}

export function fromValue(value: StructValue): Value {
  switch (value.getKindCase()) {
    case structProto.Value.KindCase.STRING_VALUE:
      return value.getStringValue();
    case structProto.Value.KindCase.NUMBER_VALUE:
      return value.getNumberValue();
    case structProto.Value.KindCase.BOOL_VALUE:
      return value.getBoolValue();
    case structProto.Value.KindCase.STRUCT_VALUE:
      return fromStruct(value.getStructValue());
    case structProto.Value.KindCase.LIST_VALUE:
      return fromList(value.getListValue());
    default:
      return null;
  }
}

function fromList(list: ListValue | undefined): Value[] {
  return list?.getValuesList().map(fromValue) ?? [];
}

export function toStruct(map: PropertyMap): Struct {
  const struct = new structProto.Struct();
  const fields = struct.getFieldsMap();
  for (const key in map) {
    const value = map[key];
    if (value !== undefined) fields.set(key, toValue(value));
  }
  return struct;
}

function toValue(value: Value): StructValue {
  const message = new structProto.Value();
  if (typeof value === "string") message.setStringValue(value);
  else if (typeof value === "number") message.setNumberValue(value);
  else if (typeof value === "boolean") message.setBoolValue(value);
  else if (Array.isArray(value)) {
    const list = new structProto.ListValue();
    list.setValuesList(value.map((element) => toValue(element ?? null)));
    message.setListValue(list);
  } else if (value === null || value === undefined) message.setNullValue(structProto.NullValue.NULL_VALUE);
  else message.setStructValue(toStruct(value));
  return message;
}
