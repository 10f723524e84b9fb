/** Checks the server's file against the ledger, the stock, the customer limit and the audit. */
import type { Database } from 'better-sqlite3';
import { orderItemRows } from '../../drizzle/order-items.ts';
import { judge, readOrders } from '../crowd/judge.ts';
import type { Ledger } from '../crowd/ledger.ts';
import { certify } from '../database/audit/certificate.ts';
import { readFile, rowsOf } from '../database/sqlite/file-rows.ts';
import { idsOfFile } from '../database/sqlite/ids-of-file.ts';
import type { Certificate } from '../domain/certificate.ts';
import type { Blueprint } from './blueprint.ts';
import { contactOf } from './buyers.ts';

export interface Examination {
  /**
   * Differences between file and answers: orders that were lost, duplicated, changed, or stored
   * although refused.
   */
  findings: string[];
  /** Items with more promised or stored units than stock. */
  oversold: string[];
  /** Customers with more units than the limit. */
  overLimit: string[];
  /** Null if the file can't be read. */
  certificate: Certificate | null;
}

export interface Evidence {
  databaseFile: string;
  blueprint: Blueprint;
  ledger: Ledger;
  secretKey: string;
  /** Epoch milliseconds. */
  now: number;
}

const owned = "status in ('held', 'paid', 'fulfilled')";

/** Returns, by sku, the promised units that are certainly still owned: unexpired or paid. */
function promisedUnits(ledger: Ledger, now: number): Map<string, number> {
  const calls = ledger.calls();
  const paid = new Set(
    calls.flatMap(({ invoked, result }) =>
      invoked.call === 'pay' && result?.kind === 'ok' ? [invoked.orderId] : [],
    ),
  );
  const promised = new Map<string, number>();
  for (const { invoked, result } of calls) {
    if (invoked.call !== 'purchase' || result?.kind !== 'ok') continue;
    const { order } = JSON.parse(result.body) as { order: { holdExpiresAt: string } };
    const lasts = paid.has(result.orderId) || Date.parse(order.holdExpiresAt) > now;
    if (lasts) promised.set(invoked.sku, (promised.get(invoked.sku) ?? 0) + invoked.quantity);
  }
  return promised;
}

/**
 * Returns the oversold items: neither the answers nor the orders in the file may exceed the stock.
 */
function oversoldItems(connection: Database, { blueprint, ledger, now }: Evidence): string[] {
  const inFile = new Map(
    connection
      .prepare<[], { sku: string; units: number }>(
        `select sku, sum(quantity) as units from orders join ${orderItemRows} as bought on order_id = orders.id
          join items on items.id = item_id where ${owned} group by sku`,
      )
      .all()
      .map(({ sku, units }) => [sku, units]),
  );
  const promised = promisedUnits(ledger, now);
  return blueprint.items.flatMap(({ sku, stock }) => {
    const acknowledged = promised.get(sku) ?? 0;
    const stored = inFile.get(sku) ?? 0;
    const isOversold = acknowledged > stock || stored > stock;
    return isOversold ? [`${sku}: ${acknowledged} promised and ${stored} in the file, of ${stock}`] : [];
  });
}

function customersOverLimit(connection: Database, { perCustomer }: Blueprint): string[] {
  if (perCustomer === null) return [];
  return connection
    .prepare<[number], { email: string; units: number }>(
      `select email, sum(units) as units from orders where ${owned} group by email having sum(units) > ?`,
    )
    .all(perCustomer)
    .map(({ email, units }) => `${email} has ${units} of ${perCustomer}`);
}

/** Examines the file of a stopped server. Never throws: an unreadable file is a finding. */
export function examine(evidence: Evidence): Examination {
  const { databaseFile, blueprint, ledger, secretKey, now } = evidence;
  try {
    return readFile(databaseFile, (connection) => {
      const ids = idsOfFile(connection, secretKey);
      return {
        findings: judge(ledger, readOrders(connection, ids), { ids, now, contactOf }),
        oversold: oversoldItems(connection, evidence),
        overLimit: customersOverLimit(connection, blueprint),
        certificate: certify(rowsOf(connection), now)[0] ?? null,
      };
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return {
      findings: [`the file can't be read: ${reason}`],
      oversold: [],
      overLimit: [],
      certificate: null,
    };
  }
}
