/** Imports a drop's file if it is complete, unchanged and sound. */
import { createHash, timingSafeEqual } from 'node:crypto';
import * as v from 'valibot';
import { auditRows } from '../audit/audit.ts';
import type { RowSource, SqlValue } from '../row-source.ts';
import {
  columnsOf,
  type DropFileHeader,
  type DropFileRules,
  dropFileFormat,
  dropFileVersion,
  keyShardIdColumn,
  type MovedTable,
  movedTableNames,
  type SignDropFile,
  signedText,
} from './drop-file.ts';
import { MoveRefusedError } from './export-drop.ts';

/** The destination of the rows: within a transaction that the caller rolls back if this throws. */
export interface RowSink {
  insert(table: MovedTable, columns: readonly string[], values: readonly SqlValue[]): void;
}

/** The beginning of the header in every version. */
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
  source: v.object({ deployment: v.nullable(v.string()), seq: v.number(), hash: v.string() }),
});
const row = v.tupleWithRest(
  [v.picklist(movedTableNames)],
  v.nullable(v.union([v.string(), v.pipe(v.number(), v.safeInteger())])),
);
const end = v.object({ rows: v.number(), sha256: v.string(), signature: v.optional(v.string()) });

function parse<S extends v.GenericSchema>(schema: S, line: string, number: number): v.InferOutput<S> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new MoveRefusedError(`Line ${number} is not JSON.`);
  }
  const parsed = v.safeParse(schema, value);
  // Never quote the line: it may contain a customer's address.
  if (!parsed.success) throw new MoveRefusedError(`Line ${number} is not a line of a drop file.`);
  return parsed.output;
}

function isSameText(one: string, other: string): boolean {
  const [first, second] = [Buffer.from(one), Buffer.from(other)];
  return first.length === second.length && timingSafeEqual(first, second);
}

/** Throws if the file is incomplete, or differs from the export that SECRET_KEY signed. */
function checkSignature(text: string, sign: SignDropFile): void {
  // The file ends with a line feed; the line before it has the checksum and the signature.
  const proofStart = text.lastIndexOf('\n', text.length - 2) + 1;
  const proof = v.safeParse(v.pipe(v.string(), v.parseJson(), end), text.slice(proofStart));
  const signedPart = text.slice(0, proofStart);
  const isWhole =
    proof.success &&
    signedPart.split('\n').length - 2 === proof.output.rows &&
    createHash('sha256').update(signedPart).digest('hex') === proof.output.sha256;
  if (!isWhole) throw new MoveRefusedError('The file is incomplete, or was changed after its export.');
  const { signature, ...whole } = proof.output;
  if (signature === undefined || !isSameText(signature, sign(signedText(whole)))) {
    throw new MoveRefusedError(
      'The file was not signed with this SECRET_KEY. Export it from a deployment with the same SECRET_KEY, and do not change it.',
    );
  }
}

interface DropFileLine {
  table: MovedTable;
  columns: readonly string[];
  values: SqlValue[];
}

/** Yields the rows of a file, all valid and of its header's drop. Throws `MoveRefusedError`. */
function* rowsIn(
  text: string,
  { dropId, slug }: DropFileHeader,
  rules: DropFileRules,
): Generator<DropFileLine> {
  const lines = text.split('\n');
  let drops = 0;
  for (let index = 1; index < lines.length - 2; index += 1) {
    const refuse = (why: string): never => {
      throw new MoveRefusedError(`Line ${index + 1}${why}`);
    };
    const [table, ...values] = parse(row, lines[index] ?? '', index + 1);
    const columns = columnsOf(table);
    if (values.length !== columns.length) refuse(' is not a line of a drop file.');
    const named = Object.fromEntries(columns.map((column, at) => [column, values[at] ?? null]));
    const broken = rules.brokenRule(table, named);
    if (broken !== null) refuse(`: ${broken}`);
    if (table === 'drops') drops += 1;
    const isForeign = table === 'drops' ? named.id !== dropId || named.slug !== slug : false;
    if (isForeign || (named.drop_id ?? dropId) !== dropId) refuse(' belongs to another drop.');
    yield { table, columns, values };
  }
  if (drops !== 1) throw new MoveRefusedError('The file must contain exactly one drop.');
}

/**
 * The header of a file that is signed, unchanged, and valid in every row. Throws `MoveRefusedError`
 * for any other file, for one that is not a drop's, and for an unknown version. Writes nothing.
 */
export function checkDropFile(text: string, rules: DropFileRules): DropFileHeader {
  const firstLine = text.slice(0, text.indexOf('\n') + 1) || text;
  const { version } = parse(heading, firstLine, 1);
  if (version !== dropFileVersion) {
    throw new MoveRefusedError(
      `The drop file has version ${version}, but this release reads version ${dropFileVersion}. Export and import the drop with the same release.`,
    );
  }
  const found = parse(header, firstLine, 1);
  checkSignature(text, rules.sign);
  for (const _ of rowsIn(text, found, rules));
  return found;
}

/**
 * Inserts every row into the database of a shard, which must be empty, and audits the result.
 * Throws `MoveRefusedError`, with the reason and never with personal data.
 */
export function importDrop(
  text: string,
  shardId: number,
  rules: DropFileRules,
  sink: RowSink,
  source: RowSource,
): DropFileHeader {
  const found = checkDropFile(text, rules);
  for (const { table, columns, values } of rowsIn(text, found, rules)) {
    const keyShardIdAt = table === 'refunds' ? columns.indexOf(keyShardIdColumn) : -1;
    if (values[keyShardIdAt] === shardId) values[keyShardIdAt] = null;
    sink.insert(table, columns, values);
  }
  const violations = auditRows(source);
  if (violations.length > 0) throw new MoveRefusedError(`The drop is not sound: ${violations.join('; ')}`);
  return found;
}
