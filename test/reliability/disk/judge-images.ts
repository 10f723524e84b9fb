/** Builds and checks the images of a record, each from a seed that can rebuild it alone. */
import { seededRandom, wholeBetween } from '../random.ts';
import { Disk, type Lie } from './crash-images.ts';
import { type ImageFindings, judgeImage } from './judge-image.ts';
import type { Entry } from './record.ts';
import { type Mark, markOf } from './sold.ts';

export interface ImageReport extends ImageFindings {
  seed: number;
  /** Entries of the record before the crash. */
  entries: number;
}

export interface ImagesSummary {
  images: number;
  /** Acknowledgements checked. */
  marks: number;
  /** Images with findings only. */
  bad: ImageReport[];
}

/** The approximate number of entries of a start. */
const SOON_ENTRIES = 120;

/** A log that is only in memory must not be copied: torn pages could not be restored from it. */
function findCarelessness(disk: Disk, { kind, name }: Entry, at: number): ImageReport[] {
  if (kind !== 'write' || name !== 'drop.db' || !disk.isHollow('drop.db-wal')) return [];
  return [{ seed: 0, entries: at, corrupt: ['the log of a failed fsync is copied as it is'], lost: [] }];
}

/** Checks the images of these seeds; no crash comes before entry `from`. */
export function judgeImages(
  entries: readonly Entry[],
  seeds: readonly number[],
  lie: Lie,
  folder: string,
  from = 0,
): ImagesSummary {
  const crashes = seeds
    .map((seed) => {
      const random = seededRandom(seed);
      // A restart is short and critical: half of the later failures come soon after it.
      const to = from > 0 && random() < 0.5 ? Math.min(from + SOON_ENTRIES, entries.length) : entries.length;
      return { seed, random, entries: wholeBetween(random, from, to) };
    })
    // In the order of the record, which is read once.
    .sort((one, other) => one.entries - other.entries);
  const disk = new Disk(lie);
  const marks: Mark[] = [];
  const summary: ImagesSummary = { images: 0, marks: 0, bad: [] };
  let at = 0;
  for (const crash of crashes) {
    for (; at < crash.entries; at += 1) {
      const entry = entries[at];
      if (entry?.kind === 'mark') marks.push(markOf(entry.data.toString()));
      else if (entry) {
        disk.take(entry);
        if (at >= from) summary.bad.push(...findCarelessness(disk, entry, at));
      }
    }
    const findings = judgeImage(disk.crash(crash.random), marks, `${folder}/image-${crash.seed}`);
    summary.images += 1;
    summary.marks += marks.length;
    if (findings.corrupt.length + findings.lost.length > 0) {
      summary.bad.push({ ...findings, seed: crash.seed, entries: crash.entries });
    }
  }
  return summary;
}
