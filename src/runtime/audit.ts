/** `npm run audit`: certifies every drop of a database file, beside a running server or without one. */
import { parseArgs } from 'node:util';
import { certify } from '../database/audit/certificate.ts';
import { openReader } from '../database/sqlite/connection.ts';
import { audit, rowsOf } from '../database/sqlite/file-rows.ts';
import type { Certificate, Tally } from '../domain/certificate.ts';

const usage = 'usage: npm run audit -- [--file FILE] [--json]   (FILE is DATABASE_FILE, or data/stampede.db)';

const tally = ({ count, amount }: Tally): string => `${count} (${amount})`;
const time = (ms: number | null): string => (ms === null ? 'none' : new Date(ms).toISOString());

function textOf(certificate: Certificate): string {
  const { slug, title, currency, issuedAt, items, orders, payments, kept, refunds, log, violations } =
    certificate;
  const lines: [string, string][] = [
    ['drop', `${slug}, ${title}`],
    ['issued at', time(issuedAt)],
    ...items.map(({ sku, stock, held, sold }): [string, string] => [
      `item ${sku}`,
      `stock ${stock}, held ${held}, sold ${sold}`,
    ]),
    [
      'orders',
      Object.entries(orders)
        .map(([status, count]) => `${count} ${status}`)
        .join(', ') || 'none',
    ],
    ['payments', `${tally(payments)}, kept ${tally(kept)}, in minor units of ${currency}`],
    [
      'refunds',
      `pending ${tally(refunds.pending)}, sent ${tally(refunds.sent)}, failed ${tally(refunds.failed)}`,
    ],
    ['sales', `first ${time(certificate.firstSaleAt)}, last ${time(certificate.lastSaleAt)}`],
    ['log', `${log.events} events, head ${log.headSeq} ${log.head}`],
    ['verdict', violations.length === 0 ? 'clean' : `${violations.length} findings`],
  ];
  const table = lines.map(([name, value]) => `${name.padEnd(12)}${value}`);
  return [...table, ...violations.map((violation) => `  ! ${violation}`), ''].join('\n');
}

function readArguments(): { file: string; isJson: boolean } | null {
  try {
    const { values } = parseArgs({ options: { file: { type: 'string' }, json: { type: 'boolean' } } });
    const file = values.file ?? (process.env.DATABASE_FILE || 'data/stampede.db');
    return { file, isJson: values.json ?? false };
  } catch {
    return null;
  }
}

/** 0: every promise holds. 1: one is broken. 2: the file could not be read. */
function main(): number {
  const given = readArguments();
  if (!given) {
    process.stderr.write(`${usage}\n`);
    return 2;
  }
  try {
    const connection = openReader({ file: given.file, busyTimeoutMs: 5_000, synchronous: 'FULL' });
    const certificates = certify(rowsOf(connection), Date.now());
    // A file without drops has no certificate to bear what is wrong with it.
    const findings = certificates.length === 0 ? audit(connection) : [];
    connection.close();
    process.stdout.write(
      given.isJson ? `${JSON.stringify(certificates, null, 2)}\n` : certificates.map(textOf).join('\n'),
    );
    for (const finding of findings) process.stderr.write(`  ! ${finding}\n`);
    return [findings, ...certificates.map(({ violations }) => violations)].some(({ length }) => length > 0)
      ? 1
      : 0;
  } catch (error) {
    process.stderr.write(
      `${given.file} can't be audited: ${error instanceof Error ? error.message : error}\n`,
    );
    return 2;
  }
}

process.exitCode = main();
