/** What every thread is sent of a commit: how the catalogue changed, and how far the log is. */
import type { Change } from '../domain/change.ts';

export interface CatalogueNews {
  changes: readonly Change[];
  /** The number of the last event that is committed. */
  lastSeq: number;
}
