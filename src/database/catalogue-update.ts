/** What a commit changed, for every thread: how the catalogue changed, and where the log ends. */
import type { Change } from '../domain/change.ts';

export interface CatalogueUpdate {
  changes: readonly Change[];
  /** The number of the last committed event. */
  lastSeq: number;
}
