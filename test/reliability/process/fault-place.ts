/** Loaded by a patched server in each of its threads: acts at the N-th passage of a place. */
import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { isMainThread, type Worker } from 'node:worker_threads';

declare global {
  /** Called by the patched source at every place. */
  var passFaultPlace: ((place: string) => void) | undefined;
  /** The writer's thread, as its starter knows it. */
  var faultThread: Worker | undefined;
}

const { FAULT_PLACE, FAULT_PASSAGE = '1', FAULT_ACT = '', FAULT_STALL_FILE, FAULT_BESIDE } = process.env;
const passage = Number(FAULT_PASSAGE);
let passages = 0;

const sleeping = new Int32Array(new SharedArrayBuffer(4));
const POLL_MS = 5;

/** Creates the file, and blocks the thread until the test removes it. */
function stall(): void {
  if (FAULT_STALL_FILE === undefined) return;
  writeFileSync(FAULT_STALL_FILE, '');
  while (existsSync(FAULT_STALL_FILE)) Atomics.wait(sleeping, 0, 0, POLL_MS);
}

function hoard(): void {
  const hoarded: number[][] = [];
  for (;;) hoarded.push(Array.from({ length: 100_000 }, Math.random));
}

const acts: Readonly<Record<string, () => void>> = {
  kill: () => void process.kill(process.pid, 'SIGKILL'),
  // A millisecond or two later: in the middle of a long call.
  'kill soon': () => void spawn('kill', ['-9', String(process.pid)]),
  stall,
  hoard,
  throw: () =>
    void setImmediate(() => {
      throw new Error('The thread was made to fail.');
    }),
  exit: () => process.exit(3),
  terminate: () => void faultThread?.terminate(),
};

globalThis.passFaultPlace = (place) => {
  if (place !== FAULT_PLACE || (FAULT_BESIDE !== undefined && isMainThread)) return;
  passages += 1;
  if (passages === passage) acts[FAULT_ACT]?.();
};
