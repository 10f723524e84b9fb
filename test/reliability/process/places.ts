/** The places where a patched server can die, fail or stall; otherwise it is the real one. */
import { rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { copyPatched, folderForCopy } from '../../support/patched-copy.ts';
import { root } from '../../support/server-process.ts';

const folder = relative(root, import.meta.dirname);
/** What the patched source imports. */
const imported = ['fault-place.ts', 'moving-clock.ts'].map((name) => join(folder, name));

/** Fills a folder with the source, patched at every place. */
export const copyWithPlaces = (copy: string): void =>
  copyPatched(copy, ['src', 'drizzle', 'package.json', ...imported], [join(folder, 'places.patch')]);

/** The same copy for each server that is to meet a fault; the first request creates it. */
let patched: string | undefined;

/** A patched copy of the source, deleted when the process ends. */
export function patchedRoot(): string {
  if (patched !== undefined) return patched;
  const copy = folderForCopy();
  process.once('exit', () => rmSync(copy, { recursive: true, force: true }));
  copyWithPlaces(copy);
  patched = copy;
  return copy;
}

export type Act = 'kill' | 'kill soon' | 'stall' | 'hoard' | 'throw' | 'exit' | 'terminate';

export interface FaultAt {
  place: string;
  act: Act;
  /** The first passage when absent. */
  passage?: number;
  /** Created when the stall begins; the stall lasts until its removal. */
  stallFile?: string;
  /** Only in an HTTP thread other than the main one. */
  isBeside?: boolean;
}

/** The environment of a patched server that meets a fault. */
export const faultEnvironment = ({ place, act, passage = 1, stallFile, isBeside }: FaultAt) => ({
  FAULT_PLACE: place,
  FAULT_ACT: act,
  FAULT_PASSAGE: String(passage),
  ...(stallFile !== undefined && { FAULT_STALL_FILE: stallFile }),
  ...(isBeside && { FAULT_BESIDE: 'yes' }),
});
