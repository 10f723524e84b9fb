/**
 * Creates the objects of a new drop under a free key and slug, with the stock split over its
 * shards.
 */
import { hash } from 'node:crypto';
import type { DropFileHeader } from '../../database/move/drop-file.ts';
import type { CreateDrop } from '../../domain/command.ts';
import type { Drop } from '../../domain/drop.ts';
import type { Outcome } from '../../domain/outcome.ts';
import { jurisdictionOf, shardIdOf } from '../../domain/shard.ts';
import { problem } from '../../http/problem.ts';
import { type Catalogue, joinShards } from '../catalogue.ts';
import { type Objects, ObjectUnreachableError } from '../objects.ts';
import { type DropObject, importPath } from './drop-object.ts';

export interface Created {
  outcome: Outcome<CreateDrop>;
  /** The catalogue's bookmark, which includes the drop; null where the report failed or is late. */
  bookmark: string | null;
  /** Whether the catalogue has every change of the drop. */
  isListed: boolean;
}

/** The request under which an imported drop is reserved. */
const importRequest = 'import';

/** A shard's part of the units, as equal as possible. */
const shareOf = (stock: number, shard: number, shards: number): number =>
  Math.floor(stock / shards) + (shard < stock % shards ? 1 : 0);

/** Returns what identifies the creation (domain/creation-request.ts). */
function requestOf({ drop, shards = 1, location, once }: CreateDrop): string {
  if (once) return `${once.fingerprint} ${once.key}`;
  return hash('sha256', JSON.stringify([drop, shards, location?.jurisdiction]), 'base64url');
}

/**
 * Creates a drop. A repeated request creates the missing shards, and otherwise gets the drop as it
 * is.
 */
export async function makeDrop(
  command: CreateDrop,
  catalogue: Catalogue,
  objects: Objects<DropObject>,
): Promise<Created> {
  const { items } = command.drop;
  const count = command.shards ?? 1;
  const request = requestOf(command);
  const { jurisdiction, hint } = command.location ?? { jurisdiction: null, hint: null };
  const reserved = await catalogue.reserve(command.drop.slug, request, jurisdiction ?? 'anywhere');
  if (typeof reserved === 'string') return { outcome: { kind: reserved }, bookmark: null, isListed: false };
  const { dropId, isMade } = reserved;
  const create = (shard: number): Promise<Created> => {
    const share = items.map((item) => ({ ...item, stock: shareOf(item.stock, shard, count) }));
    const shardId = shardIdOf(dropId, shard);
    const own = { ...command, dropId, shards: count, drop: { ...command.drop, items: share } };
    return objects
      .call(shardId, async (stub) => stub.create(shardId, own, request), true, hint)
      .catch((error: unknown): Created => {
        if (!(error instanceof ObjectUnreachableError)) throw error;
        return { outcome: { kind: 'outcome_unknown' }, bookmark: null, isListed: false };
      });
  };
  // The first shard comes last, because it completes the drop. If it exists, it alone knows whether
  // this is a retry, and how many shards there are.
  const shards = Array.from({ length: count }, (_, index) => (isMade ? index : count - 1 - index));
  const made: Drop[] = [];
  let first: Created | null = null;
  for (const shard of shards) {
    const created = await create(shard);
    if (created.outcome.kind !== 'drop_saved') return created;
    // Lists show the drop once they have its first shard, so the other shards must be listed
    // before.
    if (shard > 0 && !isMade && !created.isListed)
      return { ...created, outcome: { kind: 'outcome_unknown' } };
    if (shard > 0) made.push(created.outcome.drop);
    else first = created;
  }
  if (first?.outcome.kind !== 'drop_saved') throw new Error('A drop has a first shard.');
  // Answer with the whole drop, not only its first shard.
  return { ...first, outcome: { ...first.outcome, drop: joinShards(first.outcome.drop, made) } };
}

/** Forwards an imported drop to its object, under the drop's own key and slug. */
export async function sendToObject(
  header: DropFileHeader,
  text: string,
  catalogue: Catalogue,
  objects: Objects<DropObject>,
): Promise<Response> {
  if (header.source.deployment === (await catalogue.deploymentMark())) {
    const detail = `The drop was exported here. If no other deployment has imported it, undo the export: POST /admin/drops/${header.slug}/export/undo.`;
    return problem('not_movable', { detail });
  }
  const jurisdiction = jurisdictionOf(shardIdOf(header.dropId));
  if (jurisdiction !== null && !objects.jurisdictions().includes(jurisdiction)) {
    const detail = `The drop belongs to the jurisdiction ${jurisdiction}, and workerd on a developer’s machine has none.`;
    return problem('not_movable', { detail });
  }
  // A refused file may be followed by another for the same key and slug; the object imports only
  // one.
  const reserved = await catalogue.reserve(header.slug, importRequest, 'anywhere', header.dropId);
  if (typeof reserved === 'string') {
    return problem('not_movable', { detail: 'A drop with this key or slug already exists here.' });
  }
  const shardId = shardIdOf(reserved.dropId);
  const url = new URL(`${importPath}?id=${shardId}`, 'https://object');
  return objects.forward(shardId, new Request(url, { method: 'POST', body: text }));
}
