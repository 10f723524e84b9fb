/** The public list of drops that the requests of a Worker share: one of them reads the catalogue, and the others don't. */

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

  /** `onRead` gets every list that was read. */
  constructor(clock: Clock, onRead: (drops: readonly Drop[]) => void) {
    this.#clock = clock;
    this.#onRead = onRead;
    const rules = { freshMs: PUBLISHED_AGE_MS, staleMs: LIST_STALE_MAX_MS, absentMs: 0, keysMax: 1 };
    this.#reads = new SharedReads(rules, clock);
  }

  /** The drops that have not ended, or not long ago. */
  async shared(catalogue: Catalogue, waitUntil: WaitUntil): Promise<readonly Drop[]> {
    return (await this.#reads.get('list', () => this.read(catalogue), waitUntil)) ?? [];
  }

  /** The same, as the view sees it. */
  async read(catalogue: Catalogue): Promise<readonly Drop[]> {
    const drops = await catalogue.list(this.#clock.now() - LISTED_AFTER_END_MS);
    this.#onRead(drops);
    return drops;
  }

  /** A drop was made through this Worker: the next list has it. */
  forget(): void {
    this.#reads.forget('list');
  }
}
