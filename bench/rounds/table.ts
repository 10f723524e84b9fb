/** Formats a table for a terminal: the first column left-aligned, the others right-aligned. */

/** Returns the table; the first row is the heading. Ends with a line feed. */
export function tableText(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('   '),
  );
  return `${lines.join('\n')}\n`;
}
