/** Measures deriving, parsing and checking public ids, and hashing private values. */

import { firstLinkHash, linkHash } from '../../src/database/log-link.ts';
import { createIds } from '../../src/ids/ids.ts';
import { type Answer, many, time } from './timing.ts';

export async function ids(): Promise<Answer> {
  const made = createIds('a secret for the bench, of 40 characters');
  const id = made.order({ dropId: 7, orderId: 123_456 });
  const token = made.orderToken(id);
  const event = [1, 1_700_000_000_000, 'held', 'customer', 1, 1, 1, 1, 9_900, 'EUR', null] as const;
  const events = Array.from({ length: 64 }, () => event);
  let orderId = 0;
  const timings = await time([
    many('order id made', () => made.order({ dropId: 7, orderId: orderId++ })),
    many('order id read', () => made.parseOrder(id)),
    many('order token made', () => made.orderToken(id)),
    many('order token checked', () => made.isOrderToken(id, token)),
    many('customer hashed', () => made.customer('buyer-123456@load.example')),
    many('request fingerprinted', () =>
      made.fingerprint('["7","1",1,"buyer-123456@load.example",null,null,null]'),
    ),
    many('log linked, 1 event', () => linkHash(firstLinkHash, [event])),
    many('log linked, 64 events', () => linkHash(firstLinkHash, events), 100),
  ]);
  return {
    timings,
    wrong: made.parseOrder(id)?.orderId === 123_456 ? [] : ['an order id does not lead back'],
  };
}
