/**
 * Admission control for purchases: while the writer's queue is full, refuses them without reading
 * them, and answers them more slowly than admitted requests.
 */

import type { ShopDatabase } from '../database/shop-database.ts';
import type { Clock } from '../split/clock.ts';
import { createRefusalPace } from '../workarounds/paced-refusals.ts';
import { refuse } from './problem.ts';

export interface Admission {
  /** Null if the request is admitted. */
  shed(): Promise<Response> | null;
  /** For a request that was admitted but then found the queue full. */
  shedInTurn(): Promise<Response>;
  /** Call this for each order that was placed. */
  served(): void;
}

export function createAdmission({
  db,
  clock,
}: {
  db: Pick<ShopDatabase, 'isFull'>;
  clock: Clock;
}): Admission {
  const pace = createRefusalPace(clock);
  const shedInTurn = async (): Promise<Response> => {
    await pace.next();
    return refuse({ kind: 'overloaded', retryAfterSeconds: 1 });
  };
  return {
    shedInTurn,
    shed: () => (db.isFull() ? shedInTurn() : null),
    served: pace.served,
  };
}
