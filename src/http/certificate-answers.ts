/** The shape of a drop's certificate, as a schema. */
import * as v from 'valibot';
import { count, currency, dropId, money, text, timeOrNull } from './answer-fields.ts';

const tally = v.object({ count: count('How many'), amount: money('Their sum') });
export const certificate = v.pipe(
  v.object({
    drop: v.object({ id: dropId, slug: v.string(), title: v.string() }),
    isClean: v.pipe(v.boolean(), v.description('Whether every promise holds')),
    currency,
    issuedAt: timeOrNull,
    items: v.array(
      v.object({
        sku: v.string(),
        price: money('Price of one unit'),
        stock: count('Units there are in all'),
        held: count('Units that wait for their money'),
        sold: count('Units that are paid for'),
      }),
    ),
    orders: v.pipe(v.record(v.string(), count('Orders')), v.description('How many, by status')),
    payments: tally,
    kept: v.pipe(
      v.object({ count: count('Payments that leave something'), amount: v.pipe(v.number(), v.integer()) }),
      v.description('What is left after refunds, also those still owed, and lost disputes'),
    ),
    refunds: v.object({ pending: tally, sent: tally, failed: tally, settled: tally }),
    outside: v.pipe(tally, v.description('The part of the refunds made in the provider’s dashboard')),
    disputes: v.object({ open: tally, lost: tally, won: tally }),
    firstSaleAt: timeOrNull,
    lastSaleAt: timeOrNull,
    log: v.object({
      events: count('Events of all drops'),
      headSeq: count('Number of the last one'),
      head: text('Hash of the last link of the chain', '9f86d081…'),
    }),
    violations: v.pipe(v.array(v.string()), v.description('One sentence for each broken promise')),
  }),
  v.description('What the rows and the log say of a drop, recomputed.'),
);

export const certificateOfShards = v.pipe(
  v.object({
    drop: v.object({ id: dropId, slug: v.string(), title: v.string() }),
    isClean: v.pipe(v.boolean(), v.description('Whether every promise holds in every shard')),
    violations: v.array(v.string()),
    shards: v.array(certificate),
  }),
  v.description('The certificates of a drop that is split over shards (Workers).'),
);
