// Where a backup lies, and how it is named, as steps that restore it are given it.
import { z } from "zod";

/** Ending of the name of one that was sealed: a stack may have begun to seal its backups later, or ended. */
export const SEALED = ".sealed";

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
  /** Opens a sealed one; another one needs none. */
  encryptionKey?: string | undefined;
};
