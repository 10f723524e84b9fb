/**
 * A writer for the warm-up: answers holds of an invented drop over a link like the real one; writes
 * nothing.
 */
import { MessageChannel } from 'node:worker_threads';
import type { CatalogueUpdate } from '../database/catalogue-update.ts';
import { warmUpTerms } from '../database/sqlite/warm-up.ts';
import type { Command } from '../domain/command.ts';
import type { Drop } from '../domain/drop.ts';
import { totalOf, unitsOf } from '../domain/order.ts';
import type { CommandOutcome } from '../domain/outcome.ts';
import type { Batch, FromWriter, Wire, WriterLink } from '../split/writer-protocol.ts';
import { fromWire, toWire } from '../split/writer-protocol.ts';

export const warmUpDrop: Drop = {
  ...warmUpTerms,
  id: 1,
  startsAt: 0,
  paused: false,
  createdAt: 0,
  items: ['S', 'M', 'L'].map((sku, index) => ({
    id: index + 1,
    sku,
    name: `Size ${sku}`,
    price: 9_900,
    stock: 1_000_000,
    held: 0,
    sold: 0,
  })),
};

/** The returned link serves one database; the writer ends with it. */
export function linkWarmUpWriter(now: () => number): WriterLink {
  const { port1, port2 } = new MessageChannel();
  const send = (message: FromWriter<CommandOutcome, CatalogueUpdate>): void =>
    port1.postMessage(toWire(message));
  const [item] = warmUpDrop.items;
  let held = 0;
  port1.on('message', (wire: Wire<Batch<Command>>) => {
    const outcomes = fromWire(wire).commands.map((command): CommandOutcome => {
      if (command.kind !== 'placeHold') throw new Error(`The warm-up has no ${command.kind}.`);
      held += 1;
      const items = command.items.map((one) => ({ ...one, unitPrice: item?.price ?? 0 }));
      return {
        kind: 'held',
        order: {
          id: held,
          dropId: warmUpDrop.id,
          items,
          units: unitsOf(items),
          total: totalOf(items),
          status: 'held',
          trackingCode: null,
          releaseReason: null,
          dispute: null,
          createdAt: now(),
          holdExpiresAt: now() + warmUpDrop.holdSeconds * 1000,
          ...command.contact,
        },
        replayed: false,
      };
    });
    const counts = { id: item?.id ?? 0, stock: item?.stock ?? 0, held, sold: 0 };
    const changes = [{ kind: 'stock', dropId: warmUpDrop.id, items: [counts] }] as const;
    const update = { changes, lastSeq: 0 };
    send({ kind: 'committed', outcomes, update, commit: 0, walPages: 0, times: null });
  });
  port1.on('close', () => port1.close());
  const changes = [{ kind: 'catalogue', drops: [warmUpDrop] }] as const;
  send({ kind: 'ready', update: { changes, lastSeq: 0 }, commit: 0 });
  return { port: port2, lastCommit: new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT) };
}
