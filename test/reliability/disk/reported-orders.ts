/** The outcomes that a failing writer reported, and what the next process finds of them. */

import { audit } from '../../../src/database/sqlite/file-rows.ts';
import { commitShopCommands } from '../../../src/database/sqlite/shop-commands.ts';
import type { Outcome } from '../../../src/domain/outcome.ts';
import type { ConnectionSettings, SqliteConnection } from '../../../src/split/connection.ts';
import { placeHold } from '../../support/commands.ts';
import { openShopFile } from '../../support/open-shop-file.ts';
import { hasReached, type Mark } from './sold.ts';

/** One unit for a buyer, with a key of their own. */
export const holdOf = (name: string) => placeHold(name, { idempotencyKey: name });

type Reported = Mark['reported'] | 'unknown';

export class ReportedOrders {
  readonly #reported = new Map<string, Reported>();

  /** Records the outcome of a hold. */
  note(name: string, outcome: Outcome): void {
    const { kind } = outcome;
    this.#reported.set(name, kind === 'held' ? 'held' : kind === 'outcome_unknown' ? 'unknown' : 'refused');
  }

  /** Records the outcome of a payment or cancellation: an order may advance, but not go back. */
  noteNext(name: string, outcome: Outcome | undefined): void {
    if (outcome?.kind === 'cancelled') this.#reported.set(name, 'cancelled');
    if (outcome?.kind === 'payment_recorded' && outcome.effect === 'paid') this.#reported.set(name, 'paid');
  }

  get unknown(): number {
    return [...this.#reported.values()].filter((reported) => reported === 'unknown').length;
  }

  /**
   * Opens the file as the next process does. Returns orders that differ from their outcome, and
   * violated invariants.
   */
  judge(settings: ConnectionSettings): string[] {
    let connection: SqliteConnection;
    try {
      connection = openShopFile(settings);
    } catch (error) {
      return [`the file can't be opened again: ${String(error)}`];
    }
    const findings = [
      ...audit(connection),
      ...this.#differences(connection),
      ...this.#askAgain(connection),
      ...audit(connection),
    ];
    connection.close();
    return findings;
  }

  /** Acknowledged orders exist, unknown ones at most once, and no others. */
  *#differences(connection: SqliteConnection): Generator<string> {
    const orders = connection
      .prepare<[], { key: string; status: string }>('select idempotency_key as key, status from orders')
      .all();
    for (const [name, reported] of this.#reported) {
      const found = orders.filter(({ key }) => key === name);
      const most = reported === 'refused' ? 0 : 1;
      const least = reported === 'unknown' ? 0 : most;
      if (found.length > most || found.length < least)
        yield `${name} was told "${reported}", and has ${found.length} orders`;
      for (const { status } of found)
        if (reported !== 'unknown' && !hasReached(status, reported))
          yield `${name} was told "${reported}", and the order is ${status}`;
    }
    for (const { key } of orders)
      if (!this.#reported.has(key)) yield `the order of ${key} was never requested`;
  }

  /** A retry of an unknown outcome yields one order, never two. */
  *#askAgain(connection: SqliteConnection): Generator<string> {
    const committer = commitShopCommands(connection);
    const count = connection.prepare<[string], number>('select count(*) from orders where customer = ?');
    for (const [name, reported] of this.#reported) {
      if (reported !== 'unknown') continue;
      const { outcomes } = committer.commit([holdOf(name)], Date.now());
      const orders = count.pluck().get(name);
      if (outcomes[0]?.kind !== 'held' || orders !== 1) yield `${name} asked again, and has ${orders} orders`;
    }
  }
}
