/** A shop with a drop of four shards, and buyers of each shard. */
import { onTestFinished } from 'vitest';
import { shardOfCustomer } from '../../src/domain/shard.ts';
import { createIds } from '../../src/ids/ids.ts';
import { readJson } from '../support/client.ts';
import type { ReceivedEvent } from '../support/event-stream.ts';
import type { Drop, Purchase } from '../support/shapes.ts';
import { customer, until } from '../support/shop.ts';
import type { EdgeShop } from './worker-under-test.ts';

export const shards = 4;
export const stock = 40;

export class ShardShop {
  readonly #shop: EdgeShop;

  constructor(shop: EdgeShop) {
    this.#shop = shop;
  }

  open(): Promise<Drop> {
    const items = [{ sku: 'one', name: 'One', price: 1250, stock }];
    return this.#shop.createDrop({ shards, items, perCustomer: null });
  }

  /** Buys as a customer whose purchases go to this shard. */
  buyIn(shard: number, dropId: string, quantity: number): Promise<Purchase> {
    const ids = createIds(this.#shop.server.secretKey);
    for (;;) {
      const person = customer();
      if (shardOfCustomer(ids.customer(String(person.email)), shards) === shard)
        return this.#shop.buy(dropId, { customer: person, quantity });
    }
  }

  /** The messages on a WebSocket from now on. */
  listen({ slug }: Drop): ReceivedEvent[] {
    const socket = new WebSocket(`${this.#shop.server.url.replace('http', 'ws')}/drops/${slug}/stock`);
    const reported: ReceivedEvent[] = [];
    socket.addEventListener('message', ({ data }) => void reported.push(JSON.parse(String(data))));
    onTestFinished(() => socket.close());
    return reported;
  }

  /** Waits until a listener's last message fits. */
  waitFor(reported: readonly ReceivedEvent[], fits: (item: ReceivedEvent['data']['items'][0]) => boolean) {
    return until(
      async () => reported.at(-1)?.data.items[0],
      (item) => item !== undefined && fits(item),
    );
  }

  /** Waits until the list's entry for the drop fits. */
  listed(drop: Drop, fits: (item: Drop['items'][0]) => boolean) {
    return until(
      async () => readJson<{ drops: Drop[] }>(await this.#shop.send({ path: '/drops' })).drops,
      (drops) => drops.find(({ id }) => id === drop.id)?.items.some(fits) === true,
    );
  }
}
