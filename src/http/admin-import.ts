/** POST /admin/import: imports a drop's file, on runtimes that can host another drop. */
import type { DropFileHeader, SignDropFile } from '../database/move/drop-file.ts';
import { MoveRefusedError } from '../database/move/export-drop.ts';
import { checkDropFile } from '../database/move/import-drop.ts';
import { DROP_KEYS_END } from '../domain/shard.ts';
import { IMPORT_BYTES_MAX } from '../limits.ts';
import { type OperatorRoute, operatorRoutes } from './admin-routes.ts';
import { refuseCoding } from './json.ts';
import { importOperations } from './move-operations.ts';
import { brokenRule } from './moved-row.ts';
import { problem } from './problem.ts';

/** The body is a drop's file; `importDrop` answers once the drop is in its object. */
export const importRoutes = (
  importDrop: (header: DropFileHeader, text: string) => Promise<Response>,
  sign: SignDropFile,
): OperatorRoute[] =>
  operatorRoutes(importOperations, {
    async importDrop({ c }) {
      const coded = refuseCoding(c.req.raw);
      if (coded) return coded;
      const tooLarge = (): Response =>
        problem('too_large', { detail: `A drop's file must not exceed ${IMPORT_BYTES_MAX} bytes here.` });
      if (Number(c.req.header('content-length') ?? 0) > IMPORT_BYTES_MAX) return tooLarge();
      const text = await c.req.text();
      if (Buffer.byteLength(text) > IMPORT_BYTES_MAX) return tooLarge();
      try {
        const header = checkDropFile(text, { sign, brokenRule });
        if (header.dropId >= DROP_KEYS_END) {
          const detail = `The drop has the key ${header.dropId}, but keys at the edge are below ${DROP_KEYS_END}. Create a new drop instead.`;
          return problem('invalid', { detail });
        }
        return await importDrop(header, text);
      } catch (error) {
        if (error instanceof MoveRefusedError) return problem('invalid', { detail: error.message });
        throw error;
      }
    },
  });
