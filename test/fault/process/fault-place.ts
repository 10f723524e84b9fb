/** Loaded by a patched server, in each of its threads: does something to it at the N-th passage of a place. */
import { spawn } from 'node:child_process';
import { isMainThread, type Worker } from 'node:worker_threads';

declare global {
  /** Called by a patched source wherever something may happen. */
  var passFaultPlace: ((place: string) => void) | undefined;
  /** The writer's thread, as the one that started it knows it. */
  var faultThread: Worker | undefined;
}

const { FAULT_PLACE, FAULT_PASSAGE = '1', FAULT_ACT = '', FAULT_STALL_MS = '0', FAULT_BESIDE } = process.env;
const passage = Number(FAULT_PASSAGE);
let passages = 0;

function stall(): void {
  const untilMs = performance.now() + Number(FAULT_STALL_MS);
  while (performance.now() < untilMs);
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
