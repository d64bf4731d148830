// Where a backup lies, as steps that restore it are given it.
import { z } from "zod";

/** The backup that something is restored from. */
export const storedBackup = () =>
  z.strictObject({
    bucket: z.string().min(3),
    key: z.string().min(1),
    versionId: z.string().nullable().default(null),
    /** Size of pg_dump's archive, in bytes. */
    archiveBytes: z.number().int().min(0),
  });
export type StoredBackup = z.output<ReturnType<typeof storedBackup>> & {
  /** Opens a sealed one. */
  encryptionKey?: string | undefined;
};
