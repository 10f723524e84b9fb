/** The stock message for listeners, over Server-Sent Events or WebSocket. */
import type { InferOutput } from 'valibot';
import type { stock } from '../answers/schemas.ts';
import { availableUnits, type Drop, type DropPhase, phaseOf } from '../domain/drop.ts';
import type { Ids } from '../ids/ids.ts';

/** `nextHoldExpiresAt`: epoch milliseconds when units may come back; null if nothing is held. */
export const stockJson = (
  drop: Drop,
  now: number,
  nextHoldExpiresAt: number | null,
  ids: Ids,
): InferOutput<typeof stock> => ({
  dropId: ids.drop(drop.id),
  phase: phaseOf(drop, now),
  items: drop.items.map((item) => ({
    sku: item.sku,
    available: availableUnits(item),
    held: item.held,
    sold: item.sold,
  })),
  nextHoldExpiresAt: nextHoldExpiresAt === null ? null : new Date(nextHoldExpiresAt).toISOString(),
});

/** The last log event included, and the phase, which the clock changes without an event. */
export const stockEventId = (seq: number, phase: DropPhase): string => `${seq}-${phase}`;
