/**
 * The public list of drops, shared by the requests of a Worker: one request reads the catalogue for
 * all.
 */

import type { Drop } from '../../domain/drop.ts';
import { PUBLISHED_AGE_MS } from '../../limits.ts';
import type { Clock } from '../../split/clock.ts';
import type { Catalogue } from '../catalogue.ts';
import { LIST_STALE_MAX_MS, LISTED_AFTER_END_MS } from '../limits.ts';
import { SharedReads, type WaitUntil } from '../shared-reads.ts';

export class DropList {
  readonly #clock: Clock;
  readonly #onRead: (drops: readonly Drop[]) => void;
  readonly #reads: SharedReads<'list', readonly Drop[]>;

  /** `onRead` gets every list that is read. */
  constructor(clock: Clock, onRead: (drops: readonly Drop[]) => void) {
    this.#clock = clock;
    this.#onRead = onRead;
    const rules = { freshMs: PUBLISHED_AGE_MS, staleMs: LIST_STALE_MAX_MS, absentMs: 0, keysMax: 1 };
    this.#reads = new SharedReads(rules, clock);
  }

  /** Returns the drops that have not ended, or ended recently. */
  async shared(catalogue: Catalogue, waitUntil: WaitUntil): Promise<readonly Drop[]> {
    return (await this.#reads.get('list', () => this.read(catalogue), waitUntil)) ?? [];
  }

  /** Reads the same list through one request's view of the catalogue. */
  async read(catalogue: Catalogue): Promise<readonly Drop[]> {
    const drops = await catalogue.list(this.#clock.now() - LISTED_AFTER_END_MS);
    this.#onRead(drops);
    return drops;
  }

  /** Drops the cached list, because this Worker created a drop. */
  invalidate(): void {
    this.#reads.invalidate('list');
  }
}
