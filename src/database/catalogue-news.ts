/** The news of a commit for every thread: how the catalogue changed, and where the log ends. */
import type { Change } from '../domain/change.ts';

export interface CatalogueNews {
  changes: readonly Change[];
  /** The number of the last committed event. */
  lastSeq: number;
}
