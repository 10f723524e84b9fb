/** Creates the drop of one object, once per request, and knows when all its shards exist. */

import type { CreateDrop } from '../../domain/command.ts';
import { isKeyed, refusalBy } from '../../domain/creation-request.ts';
import type { Outcome } from '../../domain/outcome.ts';
import { dropOf, shardIdOf, shardOf } from '../../domain/shard.ts';
import type { ObjectDatabase } from './database.ts';
import type { DropObject } from './drop-object.ts';

export interface CreationDeps {
  storage: DurableObjectStorage;
  db: ObjectDatabase;
  shardId: number;
  neighbour: (shardId: number) => DurableObjectStub<DropObject>;
}

const requestKey = 'request';
const completeKey = 'complete';

export class Creation {
  readonly #deps: CreationDeps;
  #isComplete: boolean;

  constructor(deps: CreationDeps) {
    this.#deps = deps;
    this.#isComplete = shardOf(deps.shardId) === 0 || deps.storage.kv.get(completeKey) === true;
  }

  /**
   * Replays the answer, with the current state, to the request that created this drop; refuses any
   * other.
   */
  async make(command: CreateDrop, request: string): Promise<Outcome<CreateDrop>> {
    const { storage, db } = this.#deps;
    const [drop] = db.snapshot.drops();
    if (!drop) {
      // No await before the commit, so that the platform writes both or neither.
      storage.kv.put(requestKey, request);
      return db.submit(command);
    }
    if (!this.isMadeBy(request)) return { kind: refusalBy(storage.kv.get<string>(requestKey), request) };
    return { kind: 'drop_saved', drop, ...(isKeyed(request) && { replayed: true }) };
  }

  isMadeBy(request: string | undefined): boolean {
    const { storage, db } = this.#deps;
    return db.snapshot.drops().length > 0 && storage.kv.get(requestKey) === request;
  }

  /**
   * Whether every shard exists. The first shard is created last, so that one commit completes the
   * drop. The other shards query the first one before they serve buyers, until it exists.
   */
  async isComplete(): Promise<boolean> {
    if (this.#isComplete) return true;
    const { storage, shardId, neighbour } = this.#deps;
    const first = neighbour(shardIdOf(dropOf(shardId)));
    this.#isComplete = await first.isMadeBy(storage.kv.get<string>(requestKey));
    if (this.#isComplete) storage.kv.put(completeKey, true);
    return this.#isComplete;
  }
}
