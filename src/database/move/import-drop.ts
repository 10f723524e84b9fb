/** Takes a drop in that comes from elsewhere: whole, unchanged and sound, or not at all. */
import { createHash } from 'node:crypto';
import * as v from 'valibot';
import { imageUrlRule, isImageUrl } from '../../domain/image-url.ts';
import { auditRows } from '../audit/audit.ts';
import type { RowSource, SqlValue } from '../row-source.ts';
import {
  columnsOf,
  type DropFileHeader,
  dropFileFormat,
  dropFileVersion,
  keyPlaceColumn,
  type MovedTable,
  movedTableNames,
} from './drop-file.ts';
import { MoveRefusedError } from './export-drop.ts';

/** Where the rows go: within a transaction that the caller rolls back when this throws. */
export interface RowSink {
  insert(table: MovedTable, columns: readonly string[], values: readonly SqlValue[]): void;
}

/** What the header of every version begins with. */
const heading = v.object({
  format: v.literal(dropFileFormat),
  version: v.pipe(v.number(), v.safeInteger()),
});
const header = v.object({
  format: v.literal(dropFileFormat),
  version: v.literal(dropFileVersion),
  dropId: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  slug: v.pipe(v.string(), v.nonEmpty()),
  exportedAt: v.string(),
  source: v.object({ seq: v.number(), hash: v.string() }),
});
const row = v.tupleWithRest(
  [v.picklist(movedTableNames)],
  v.nullable(v.union([v.string(), v.pipe(v.number(), v.safeInteger())])),
);
const end = v.object({ rows: v.number(), sha256: v.string() });

function parse<S extends v.GenericSchema>(schema: S, line: string, number: number): v.InferOutput<S> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new MoveRefusedError(`Line ${number} is not JSON.`);
  }
  const parsed = v.safeParse(schema, value);
  // Never what stands there: it may be a customer's address.
  if (!parsed.success) throw new MoveRefusedError(`Line ${number} is none of a drop's file.`);
  return parsed.output;
}

/**
 * The header of a file that is whole and as it was exported. Throws `MoveRefusedError` where it is not, or is no file of a
 * drop, or of a version that is not known.
 */
export function checkDropFile(text: string): DropFileHeader {
  const firstLine = text.slice(0, text.indexOf('\n') + 1) || text;
  const { version } = parse(heading, firstLine, 1);
  if (version !== dropFileVersion) {
    throw new MoveRefusedError(
      `The drop file has version ${version}, and this release reads version ${dropFileVersion}: export and import the drop with the same release.`,
    );
  }
  const found = parse(header, firstLine, 1);
  // The file ends with a line end, and the line before it is the proof.
  const proofStart = text.lastIndexOf('\n', text.length - 2) + 1;
  const proof = v.safeParse(v.pipe(v.string(), v.parseJson(), end), text.slice(proofStart));
  const told = text.slice(0, proofStart);
  const isWhole =
    proof.success &&
    told.split('\n').length - 2 === proof.output.rows &&
    createHash('sha256').update(told).digest('hex') === proof.output.sha256;
  if (!isWhole) throw new MoveRefusedError('The file is not whole, or was changed after its export.');
  return found;
}

/**
 * Inserts every row into the database of a place and audits what is there then. The database must be empty. Throws `MoveRefusedError`, with what is wrong
 * and never with personal data.
 */
export function importDrop(text: string, place: number, sink: RowSink, source: RowSource): DropFileHeader {
  const found = checkDropFile(text);
  const lines = text.split('\n');
  const last = lines.length - 2;
  for (let index = 1; index < last; index += 1) {
    const [table, ...values] = parse(row, lines[index] ?? '', index + 1);
    const columns = columnsOf(table);
    if (values.length !== columns.length)
      throw new MoveRefusedError(`Line ${index + 1} is none of a drop's file.`);
    const picture = table === 'drops' ? values[columns.indexOf('image_url')] : null;
    if (typeof picture === 'string' && !isImageUrl(picture))
      throw new MoveRefusedError(`Line ${index + 1}: image_url: ${imageUrlRule}`);
    const keyPlaceAt = table === 'refunds' ? columns.indexOf(keyPlaceColumn) : -1;
    if (values[keyPlaceAt] === place) values[keyPlaceAt] = null;
    sink.insert(table, columns, values);
  }
  const violations = auditRows(source);
  if (violations.length > 0) throw new MoveRefusedError(`The drop is not sound: ${violations.join('; ')}`);
  return found;
}
