/** `stampede audit`: certifies every drop of a database file, with or without a running server. */
import { Command } from 'commander';
import { CHECKS, type OnCheck } from '../database/audit/audit.ts';
import { certify } from '../database/audit/certificate.ts';
import { audit, rowsOf } from '../database/sqlite/file-rows.ts';
import { mustBeCurrent } from '../database/sqlite/migrate.ts';
import type { Certificate, Tally } from '../domain/certificate.ts';
import { counted } from '../domain/counted.ts';
import { amountText } from '../domain/money-text.ts';
import { type FileOptions, reading, withFile, withJson } from './options.ts';
import { type OutputOptions, print, say } from './output.ts';
import { showProgress } from './progress.ts';
import { misuse, reasonOf } from './refusal.ts';

const tallyIn =
  (currency: string) =>
  ({ count, amount }: Tally): string =>
    `${count} (${amountText(amount, currency)})`;
const time = (ms: number | null): string => (ms === null ? 'none' : new Date(ms).toISOString());

function textOf(certificate: Certificate): string {
  const { slug, title, currency, issuedAt, items, orders, payments, kept, refunds } = certificate;
  const { outside, disputes, log, violations } = certificate;
  const tally = tallyIn(currency);
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
    ['payments', `${tally(payments)}, kept ${tally(kept)}`],
    [
      'refunds',
      `pending ${tally(refunds.pending)}, sent ${tally(refunds.sent)}, failed ${tally(refunds.failed)}, settled ${tally(refunds.settled)}; ${tally(outside)} of these made in the provider's dashboard`,
    ],
    ['disputes', `open ${tally(disputes.open)}, lost ${tally(disputes.lost)}, won ${tally(disputes.won)}`],
    ['sales', `first ${time(certificate.firstSaleAt)}, last ${time(certificate.lastSaleAt)}`],
    ['log', `${counted(log.events, 'event')}, head ${log.headSeq} ${log.head}`],
    ['verdict', violations.length === 0 ? 'clean' : counted(violations.length, 'finding')],
  ];
  const named = lines.map(([name, value]) => `${name.padEnd(12)}${value}`);
  return [...named, ...violations.map((violation) => `  ! ${violation}`), ''].join('\n');
}

interface Audited {
  certificates: Certificate[];
  /** Findings of a file without drops, which has no certificate to list them. */
  findings: string[];
}

function auditFile(file: string, onCheck: OnCheck): Audited {
  return reading(file, (connection) => {
    mustBeCurrent(connection, file);
    const certificates = certify(rowsOf(connection), Date.now(), undefined, onCheck);
    return { certificates, findings: certificates.length === 0 ? audit(connection) : [] };
  });
}

function run({ file, ...options }: FileOptions & OutputOptions): void {
  const progress = showProgress(process.stderr);
  let done = 0;
  let audited: Audited;
  try {
    audited = auditFile(file, () => {
      done += 1;
      progress.report({ step: 'checking', done, total: CHECKS });
    });
  } catch (error) {
    // Not 1, which means that violations were found.
    throw misuse(`${file} can't be audited: ${reasonOf(error)}`);
  } finally {
    progress.end();
  }
  const { certificates, findings } = audited;
  print(certificates, (all) => all.map(textOf).join('\n'), options);
  for (const finding of findings) say(`  ! ${finding}`);
  const isBroken = [findings, ...certificates.map(({ violations }) => violations)].some(
    ({ length }) => length > 0,
  );
  if (isBroken) process.exitCode = 1;
}

export const auditCommand = (): Command =>
  withJson(withFile(new Command('audit')))
    .description('audit every drop of a database file, recomputed from its rows and event log')
    .addHelpText(
      'after',
      `
Read-only; safe while the server is running. Exit status 0: no violations, 1: violations found, 2: the file can't be read.

Examples:
  $ npm run stampede -- audit
  $ npm run stampede -- audit --file data/stampede.db.backups/stampede-20270131T180000Z-1234.db --json`,
    )
    .action(run);
