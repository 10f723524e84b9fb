/** Prints results to stdout, as JSON or text, and messages to stderr. No colours. */
import { undisguised } from '../domain/visible-text.ts';

export interface OutputOptions {
  json?: boolean;
}

/** Removes terminal control and disguising characters: buyers type their own names. */
export const plain = (text: string): string => undisguised(text.replaceAll(/\p{Cc}+/gu, ' '));

const write = (text: string): void => void process.stdout.write(`${text}\n`);

/** Prints a message about the work to stderr. */
export const say = (text: string): void => void process.stderr.write(`${text}\n`);

/** Prints the value as JSON with --json, else as text. */
export function print<T>(value: T, textOf: (value: T) => string, { json }: OutputOptions): void {
  write(json ? JSON.stringify(value, null, 2) : textOf(value));
}

type Cell = string | number | null;
const cellText = (cell: Cell): string => (cell === null ? '-' : plain(String(cell)));

/** Columns separated by two spaces; `none` if there are no rows. */
export function table(headings: readonly string[], rows: readonly (readonly Cell[])[], none: string): string {
  if (rows.length === 0) return none;
  const lines = [headings, ...rows.map((row) => row.map(cellText))];
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** One line for each field. */
export const fields = (rows: readonly (readonly [name: string, value: Cell])[]): string => {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${cellText(value)}`).join('\n');
};

/** A size for humans. */
export function sizeText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}
