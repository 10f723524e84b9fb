/** Builds what a power failure could have left of a record: what was synced stays, later changes are kept, lost or torn. */
import { type Random, wholeBetween } from '../random.ts';
import type { Entry } from './record.ts';

/** How a disk breaks a promise; `none` keeps them all. */
export type Lie =
  | 'none'
  /** No fsync has any effect. */
  | 'ignores fsync'
  /** As Linux does: what a failed fsync should have written is never tried again. */
  | 'drops what a failed fsync should have kept';

/** The files of an image by name. */
export type Image = ReadonlyMap<string, Buffer>;

type Change = Pick<Entry, 'kind' | 'offset' | 'data'>;

/** A file apart from its names: what is on the disk for certain, and what may be. */
class Inode {
  durable: Buffer = Buffer.alloc(0);
  pending: Change[] = [];
  /** Written, read back as if it were there, and not on the disk nor on its way to it. */
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

  /** All that waits is on the disk now. */
  keep(): void {
    for (const change of this.pending) this.durable = applied(this.durable, change);
    this.pending = [];
  }

  /** Nothing that waits ever will be. */
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

/** Returns the content with the change in it; writes into `content` itself where it is long enough. */
function applied(content: Buffer, { kind, offset, data }: Change): Buffer {
  if (kind === 'truncate') return resized(content, offset);
  const grown = offset + data.length > content.length ? resized(content, offset + data.length) : content;
  data.copy(grown, offset);
  return grown;
}

/** The sectors of a write that reached the disk, each for itself. */
function* tornParts(change: Change, random: Random): Generator<Change> {
  const { offset, data } = change;
  for (let from = 0; from < data.length; ) {
    const to = Math.min(data.length, from + SECTOR_BYTES - ((offset + from) % SECTOR_BYTES));
    if (random() < 0.5) yield { kind: 'write', offset: offset + from, data: data.subarray(from, to) };
    from = to;
  }
}

/** The disk at a moment of the record. It only moves on. */
export class Disk {
  readonly #lie: Lie;
  /** As a process sees it, and as it is on the disk for certain. */
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

  /** Whether a part of the file is in memory only, and nobody tries any more to bring it to the disk. */
  isHollow(name: string): boolean {
    return (this.#names.get(name)?.dropped.length ?? 0) > 0;
  }

  /** What is there after the power came back, by the dice of `random`. */
  crash(random: Random): Image {
    // Each image has a character of its own: nearly all kept, nearly all lost, and everything between.
    const keptShare = random();
    const tornShare = random() * 0.5;
    const names = new Map(this.#durableNames);
    // A folder is journaled: of its changes a first part is there.
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
