/** The public state of every drop as of the last commit, serialised; replaced, never mutated. */
import { createHash } from 'node:crypto';
import type { Change } from '../domain/change.ts';
import { type Drop, type DropPhase, phaseHoldsUntil, phaseOf } from '../domain/drop.ts';

/** A body that is ready to send, with its headers. */
export interface Page {
  body: string;
  etag: string;
  headers: Record<string, string>;
}

/** The public id of a drop, and its JSON. */
export interface Presentation {
  dropId(dropId: number): string;
  drop(drop: Drop, now: number): unknown;
}

interface Entry {
  drop: Drop;
  publicId: string;
  /** Created on first use, and again when time changes the phase. */
  page: (Page & { json: string; phase: DropPhase; from: number; until: number }) | null;
}

interface ListPage {
  page: Page;
  /** Start of its validity: the time of creation, because a clock can be set back. */
  from: number;
  /** End of its validity: the next change of a phase. */
  until: number;
}

function pageOf(body: string): Page {
  const etag = `"${createHash('sha1').update(body).digest('base64url')}"`;
  const headers = {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    // Stock can change at any moment: a cache may keep the body, but must revalidate it.
    'cache-control': 'no-cache',
    etag,
  };
  return { body, etag, headers };
}

/** Excludes drafts, which only operators see, and moved drops, which another deployment shows. */
const isPublic = ({ published, movedAt }: Drop): boolean => published && !movedAt;

export class Snapshot {
  readonly #presentation: Presentation;
  readonly #byKey = new Map<number, Entry>();
  readonly #byName = new Map<string, Entry>();
  readonly #lists = new Map<DropPhase | 'all', ListPage>();
  readonly #listeners = new Set<() => void>();

  constructor(presentation: Presentation) {
    this.#presentation = presentation;
  }

  /** Calls `listener` after each Change until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Applies one Change; the order of the Changes is the order of the commits. */
  apply(change: Change): void {
    this.#applyChange(change);
    for (const listener of this.#listeners) listener();
  }

  #applyChange(change: Change): void {
    this.#lists.clear();
    switch (change.kind) {
      case 'catalogue':
        this.#byKey.clear();
        this.#byName.clear();
        for (const drop of change.drops) this.#put(drop);
        return;
      case 'drop':
        this.#put(change.drop);
        return;
      case 'stock': {
        const drop = this.#byKey.get(change.dropId)?.drop;
        if (!drop) return;
        const counts = new Map(change.items.map((item) => [item.id, item]));
        this.#put({ ...drop, items: drop.items.map((item) => ({ ...item, ...counts.get(item.id) })) });
      }
    }
  }

  /** Every drop, including drafts, in the order of creation. */
  drops(): Drop[] {
    return [...this.#byKey.values()].map((entry) => entry.drop);
  }

  /** A drop by its public id or slug, including drafts. */
  find(idOrSlug: string): Drop | undefined {
    return this.#byName.get(idOrSlug)?.drop;
  }

  get(dropId: number): Drop | undefined {
    return this.#byKey.get(dropId)?.drop;
  }

  /** A published drop by its public id or slug. */
  dropPage(idOrSlug: string, now: number): Page | undefined {
    const entry = this.#byName.get(idOrSlug);
    return entry && isPublic(entry.drop) ? this.#pageOf(entry, now) : undefined;
  }

  /** All published drops, or those in one phase. */
  listPage(phase: DropPhase | 'all', now: number): Page {
    const known = this.#lists.get(phase);
    if (known && now >= known.from && now < known.until) return known.page;
    const pages = [...this.#byKey.values()]
      .filter(({ drop }) => isPublic(drop))
      .map((entry) => this.#pageOf(entry, now));
    const listed = phase === 'all' ? pages : pages.filter((page) => page.phase === phase);
    const page = pageOf(`{"drops":[${listed.map(({ json }) => json).join(',')}]}`);
    this.#lists.set(phase, { page, from: now, until: Math.min(...pages.map(({ until }) => until)) });
    return page;
  }

  #pageOf(entry: Entry, now: number): NonNullable<Entry['page']> {
    if (entry.page && now >= entry.page.from && now < entry.page.until) return entry.page;
    const json = JSON.stringify(this.#presentation.drop(entry.drop, now));
    const until = phaseHoldsUntil(entry.drop, now);
    entry.page = { ...pageOf(json), json, phase: phaseOf(entry.drop, now), from: now, until };
    return entry.page;
  }

  #put(drop: Drop): void {
    const publicId = this.#byKey.get(drop.id)?.publicId ?? this.#presentation.dropId(drop.id);
    const entry: Entry = { drop, publicId, page: null };
    this.#byKey.set(drop.id, entry);
    this.#byName.set(publicId, entry);
    this.#byName.set(drop.slug, entry);
  }
}
