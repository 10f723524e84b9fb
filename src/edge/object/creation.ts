/** Makes the drop of one object, once for each request, and knows when the drop is complete with all its shards. */

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

  /** Answers the request that has made the drop that is here as it was answered then, with the present state; refuses another one. */
  async make(command: CreateDrop, request: string): Promise<Outcome<CreateDrop>> {
    const { storage, db } = this.#deps;
    const [drop] = db.snapshot.drops();
    if (!drop) {
      // No wait before the commit: both are on disk, or neither.
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
   * Whether every shard is made. The first one is made last, so that one commit completes the drop: the others ask the first one
   * before they serve a buyer, until it is there.
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
