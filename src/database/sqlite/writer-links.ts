/** The writer's end of its links: who gets which part of a commit, and in which order, so that no thread serves an older state. */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { Change } from '../../domain/change.ts';
import type { Command } from '../../domain/command.ts';
import type { CommittedBatch } from './commit-batch.ts';
import {
  type Batch,
  type CommitTimes,
  type FromWriter,
  fromWire,
  toWire,
  type Wire,
} from './writer-protocol.ts';

export interface LinkedBatch {
  port: MessagePort;
  commands: readonly Command[];
}

export class WriterLinks {
  readonly #ports = new Set<MessagePort>();
  readonly #lastCommit: Int32Array;
  readonly #onBatch: (batch: LinkedBatch) => void;
  #hasRoom = true;

  constructor(lastCommit: SharedArrayBuffer, onBatch: (batch: LinkedBatch) => void) {
    this.#lastCommit = new Int32Array(lastCommit);
    this.#onBatch = onBatch;
  }

  /** Takes up a link; the catalogue must be that of the last commit. */
  attach(port: MessagePort, catalogue: Change, lastSeq: number): void {
    this.#ports.add(port);
    port.on('message', (wire: Wire<Batch>) => this.#onBatch({ port, commands: fromWire(wire).commands }));
    port.on('close', () => this.#ports.delete(port));
    send(port, { kind: 'ready', catalogue, commit: this.#commit(), lastSeq });
    if (!this.#hasRoom) send(port, { kind: 'room', hasRoom: false });
  }

  /** The batches of other links that wait already: they can share a commit with this one. */
  takeWaiting(besides: MessagePort): LinkedBatch[] {
    if (this.#ports.size === 1) return [];
    const batches: LinkedBatch[] = [];
    for (const port of this.#ports) {
      const waiting = port === besides ? undefined : receiveMessageOnPort(port);
      if (waiting) batches.push({ port, commands: fromWire(waiting.message as Wire<Batch>).commands });
    }
    return batches;
  }

  /** Answers the batches of one commit; its outcomes are those of all their commands, in order. */
  answer(
    batches: readonly LinkedBatch[],
    { outcomes, changes, lastSeq, commitMs, fsyncMs }: CommittedBatch,
    walPages: number,
    at: number,
  ): void {
    const isAlone = this.#ports.size === 1;
    // Everybody has the Changes in his port before the number moves, and the number moves before anybody is answered: who
    // compares it with his own before he reads (SqliteStore.catchUp) can't be behind an answer of another thread.
    const commit = isAlone ? this.#next() : this.tell(changes, lastSeq);
    let times: CommitTimes | null = { commitMs, fsyncMs, at };
    let from = 0;
    for (const { port, commands } of batches) {
      const own = outcomes.slice(from, from + commands.length);
      from += commands.length;
      send(port, {
        kind: 'committed',
        outcomes: own,
        changes: isAlone ? changes : [],
        commit,
        lastSeq,
        walPages,
        times,
      });
      times = null;
    }
  }

  /** Sends Changes to every link; returns the number of their commit. */
  tell(changes: readonly Change[], lastSeq: number): number {
    const commit = (this.#commit() + 1) | 0;
    const wire = toWire<FromWriter>({ kind: 'changed', changes, commit, lastSeq });
    for (const port of this.#ports) port.postMessage(wire);
    return this.#next();
  }

  tellCheckpoint(tookMs: number, walPages: number): void {
    const [first] = this.#ports;
    if (first) send(first, { kind: 'checkpointed', tookMs, walPages });
  }

  /** Answers batches of which nothing was done. */
  refuse(batches: readonly LinkedBatch[], why: 'disk_full' | 'busy'): void {
    for (const { port } of batches) send(port, { kind: 'refused', why });
  }

  get hasRoom(): boolean {
    return this.#hasRoom;
  }

  /** Tells every link whether batches make sense now. */
  tellRoom(hasRoom: boolean): void {
    this.#hasRoom = hasRoom;
    for (const port of this.#ports) send(port, { kind: 'room', hasRoom });
  }

  fail(reason: string): void {
    for (const port of this.#ports) send(port, { kind: 'fault', reason });
  }

  close(): void {
    for (const port of this.#ports) port.close();
  }

  #commit(): number {
    return Atomics.load(this.#lastCommit, 0);
  }

  #next(): number {
    return (Atomics.add(this.#lastCommit, 0, 1) + 1) | 0;
  }
}

const send = (port: MessagePort, message: FromWriter): void => port.postMessage(toWire(message));
