/** Schema of a drop's certificate. */
import * as v from 'valibot';
import { count, currency, dropId, money, text, timeOrNull } from '../answers/fields.ts';

const tally = v.object({ count: count('Number'), amount: money('Total') });
export const certificate = v.pipe(
  v.object({
    drop: v.object({ id: dropId, slug: v.string(), title: v.string() }),
    isClean: v.pipe(v.boolean(), v.description('Whether there are no violations')),
    currency,
    issuedAt: timeOrNull,
    items: v.array(
      v.object({
        sku: v.string(),
        price: money('Price of one unit'),
        stock: count('Units in total'),
        held: count('Units reserved for unpaid orders'),
        sold: count('Units paid for'),
      }),
    ),
    orders: v.pipe(v.record(v.string(), count('Orders')), v.description('Number of orders by status')),
    payments: tally,
    kept: v.pipe(
      v.object({
        count: count('Payments of which an amount is kept'),
        amount: v.pipe(v.number(), v.integer()),
      }),
      v.description('What remains after refunds, including pending ones, and lost disputes'),
    ),
    refunds: v.object({ pending: tally, sent: tally, failed: tally, settled: tally }),
    outside: v.pipe(tally, v.description('The part of the refunds made in the provider’s dashboard')),
    disputes: v.object({ open: tally, lost: tally, won: tally }),
    firstSaleAt: timeOrNull,
    lastSaleAt: timeOrNull,
    log: v.object({
      events: count('Events of all drops'),
      headSeq: count('Number of the last event'),
      head: text('Hash of the last link of the chain', '9f86d081…'),
    }),
    violations: v.pipe(v.array(v.string()), v.description('One sentence for each violation')),
  }),
  v.description('A drop’s totals, recomputed from the rows and the event log.'),
);

export const certificateOfShards = v.pipe(
  v.object({
    drop: v.object({ id: dropId, slug: v.string(), title: v.string() }),
    isClean: v.pipe(v.boolean(), v.description('Whether no shard has violations')),
    violations: v.array(v.string()),
    shards: v.array(certificate),
  }),
  v.description('The certificates of a drop that is split into shards (Workers).'),
);
