/**
 * Builds the images that a power failure can leave: synced data stays, later changes are kept, lost
 * or torn.
 */
import { type Random, wholeBetween } from '../random.ts';
import type { Entry } from './record.ts';

/** How a disk breaks a promise; `none` breaks none. */
export type Lie =
  | 'none'
  /** No fsync has any effect. */
  | 'ignores fsync'
  /** As Linux does: data of a failed fsync is never written again. */
  | 'drops what a failed fsync should have kept';

/** The files of an image by name. */
export type Image = ReadonlyMap<string, Buffer>;

type Change = Pick<Entry, 'kind' | 'offset' | 'data'>;

/** A file without its names: the content that is durable, and the changes that may be. */
class Inode {
  durable: Buffer = Buffer.alloc(0);
  pending: Change[] = [];
  /** Written and readable, but neither durable nor pending. */
  dropped: Change[] = [];

  take(change: Change): void {
    const end = change.offset + change.data.length;
    const isCovered = ({ offset, data }: Change) => offset >= change.offset && offset + data.length <= end;
    this.pending.push(change);
    this.dropped =
      change.kind === 'truncate'
        ? this.dropped.filter(({ offset }) => offset < change.offset)
        : this.dropped.filter((lost) => !isCovered(lost));
  }

  /** Makes all pending changes durable. */
  keep(): void {
    for (const change of this.pending) this.durable = applied(this.durable, change);
    this.pending = [];
  }

  /** Drops all pending changes for good. */
  drop(): void {
    this.dropped.push(...this.pending);
    this.pending = [];
  }
}

type FolderChange = { kind: 'add'; name: string; inode: Inode } | { kind: 'remove'; name: string };

const SECTOR_BYTES = 512;

function resized(content: Buffer, size: number): Buffer {
  if (size <= content.length) return content.subarray(0, size);
  return Buffer.concat([content, Buffer.alloc(size - content.length)]);
}

/** Returns the content with the change; modifies `content` in place where it is long enough. */
function applied(content: Buffer, { kind, offset, data }: Change): Buffer {
  if (kind === 'truncate') return resized(content, offset);
  const grown = offset + data.length > content.length ? resized(content, offset + data.length) : content;
  data.copy(grown, offset);
  return grown;
}

/** The sectors of a write that reached the disk, chosen one by one. */
function* tornParts(change: Change, random: Random): Generator<Change> {
  const { offset, data } = change;
  for (let from = 0; from < data.length; ) {
    const to = Math.min(data.length, from + SECTOR_BYTES - ((offset + from) % SECTOR_BYTES));
    if (random() < 0.5) yield { kind: 'write', offset: offset + from, data: data.subarray(from, to) };
    from = to;
  }
}

/** The disk at one position of the record; it only moves forward. */
export class Disk {
  readonly #lie: Lie;
  /** Names as a process sees them, and as they are durable. */
  readonly #names = new Map<string, Inode>();
  readonly #durableNames = new Map<string, Inode>();
  #pending: FolderChange[] = [];

  constructor(lie: Lie) {
    this.#lie = lie;
  }

  take({ kind, name, offset, data }: Entry): void {
    const keepsSyncs = this.#lie !== 'ignores fsync';
    switch (kind) {
      case 'create':
        this.#change({ kind: 'add', name, inode: new Inode() });
        break;
      case 'unlink':
        this.#change({ kind: 'remove', name });
        break;
      case 'rename':
        this.#change({ kind: 'add', name: data.toString(), inode: this.#inode(name) });
        this.#change({ kind: 'remove', name });
        break;
      case 'write':
      case 'truncate':
        this.#inode(name).take({ kind, offset, data });
        break;
      case 'sync':
        if (keepsSyncs) this.#inode(name).keep();
        break;
      case 'syncFailed':
        if (this.#lie === 'drops what a failed fsync should have kept') this.#inode(name).drop();
        break;
      case 'syncFolder':
        if (!keepsSyncs) break;
        for (const change of this.#pending) apply(this.#durableNames, change);
        this.#pending = [];
    }
  }

  /** Whether part of a file is in memory only, with no pending write. */
  isHollow(name: string): boolean {
    return (this.#names.get(name)?.dropped.length ?? 0) > 0;
  }

  /** The files after the power returns, chosen by `random`. */
  crash(random: Random): Image {
    // Each image has its own ratio, from nearly all kept to nearly all lost.
    const keptShare = random();
    const tornShare = random() * 0.5;
    const names = new Map(this.#durableNames);
    // A folder is journaled: a prefix of its changes is durable.
    const folderChanges = this.#pending.slice(0, wholeBetween(random, 0, this.#pending.length));
    for (const change of folderChanges) apply(names, change);
    return new Map(
      Array.from(names, ([name, { durable, pending }]) => {
        let content: Buffer = Buffer.from(durable);
        for (const change of pending) {
          const dice = random();
          if (change.kind === 'write' && random() < tornShare) {
            for (const part of tornParts(change, random)) content = applied(content, part);
          } else if (dice < keptShare) content = applied(content, change);
        }
        return [name, content] as const;
      }),
    );
  }

  #inode(name: string): Inode {
    const inode = this.#names.get(name);
    if (!inode) throw new Error(`The record changes ${name}, which it never made.`);
    return inode;
  }

  #change(change: FolderChange): void {
    apply(this.#names, change);
    this.#pending.push(change);
  }
}

function apply(names: Map<string, Inode>, change: FolderChange): void {
  if (change.kind === 'add') names.set(change.name, change.inode);
  else names.delete(change.name);
}
