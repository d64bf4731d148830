// What a rule may do, with the parameters that each action needs.
import { z } from "zod";

/** An action and its parameters, as a rule keeps them. */
export const ruleAction = z.discriminatedUnion("accion", [
  z.object({
    accion: z.literal("notification"),
    parametros: z.strictObject({
      titulo: z.string().min(1).max(200).optional(),
      mensaje: z.string().max(2_000).default(""),
    }),
  }),
  z.object({
    accion: z.literal("email"),
    parametros: z.strictObject({
      para: z.email().max(254),
      asunto: z
        .string()
        .min(1)
        .max(200)
        .regex(/^[^\r\n]*$/),
      texto: z.string().max(20_000).default(""),
    }),
  }),
  z.object({
    accion: z.literal("slack"),
    parametros: z.strictObject({ texto: z.string().min(1).max(3_000) }),
  }),
  z.object({
    accion: z.literal("webhook"),
    parametros: z.strictObject({
      endpoint_id: z.uuid(),
      evento: z
        .string()
        .regex(/^[a-z][a-z0-9._-]{0,59}$/)
        .default("automation.rule"),
    }),
  }),
]);

export type RuleAction = z.infer<typeof ruleAction>;
