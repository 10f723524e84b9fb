/**
 * The writer's end of its links: sends each thread its part of a commit, in an order in which no
 * thread serves an older state.
 */

import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { Committed } from './group-commit.ts';
import type { NotWritten } from './not-written.ts';
import {
  type Batch,
  type CommitTimes,
  type FromWriter,
  fromWire,
  type TransactionStep,
  toWire,
  type Wire,
} from './writer-protocol.ts';

export interface LinkedBatch<Command> {
  port: MessagePort;
  commands: readonly Command[];
}

type ToWriter<Command> = Batch<Command> | TransactionStep;

export interface LinkEvents<Command> {
  onBatch(batch: LinkedBatch<Command>): void;
  onStep(port: MessagePort, step: TransactionStep): void;
  /** The thread at the other end has ended. */
  onClose(port: MessagePort): void;
}

export class WriterLinks<Command, Outcome, Update> {
  readonly #ports = new Set<MessagePort>();
  readonly #lastCommit: Int32Array;
  readonly #around: LinkEvents<Command>;
  #hasSpace = true;

  constructor(lastCommit: SharedArrayBuffer, around: LinkEvents<Command>) {
    this.#lastCommit = new Int32Array(lastCommit);
    this.#around = around;
  }

  /** Opens a link; `update` must be the state as of the last commit. */
  attach(port: MessagePort, update: Update): void {
    this.#ports.add(port);
    port.on('message', (wire: Wire<ToWriter<Command>>) => {
      const batch = this.#batchOf(port, wire);
      if (batch) this.#around.onBatch(batch);
    });
    port.on('close', () => {
      this.#ports.delete(port);
      this.#around.onClose(port);
    });
    this.send(port, { kind: 'ready', update, commit: this.#commit() });
    if (!this.#hasSpace) this.send(port, { kind: 'space', hasSpace: false });
  }

  /** Takes the batches that already wait on other links: they can share a commit with this one. */
  takeWaiting(except: MessagePort): LinkedBatch<Command>[] {
    if (this.#ports.size === 1) return [];
    const batches: LinkedBatch<Command>[] = [];
    for (const port of this.#ports) {
      const waiting = port === except ? undefined : receiveMessageOnPort(port);
      const batch = waiting && this.#batchOf(port, waiting.message as Wire<ToWriter<Command>>);
      if (batch) batches.push(batch);
    }
    return batches;
  }

  /** The batch of a message; null for a step of a transaction, which goes to the writer at once. */
  #batchOf(port: MessagePort, wire: Wire<ToWriter<Command>>): LinkedBatch<Command> | null {
    const message = fromWire(wire);
    if (message.kind === 'batch') return { port, commands: message.commands };
    this.#around.onStep(port, message);
    return null;
  }

  /** Answers the batches of one commit; `outcomes` are those of all their commands, in order. */
  answer(
    batches: readonly LinkedBatch<Command>[],
    { outcomes, update, commitMs, fsyncMs }: Committed<Outcome, Update>,
    walPages: number,
    at: number,
  ): void {
    const isAlone = this.#ports.size === 1;
    // Post the update to every port before incrementing the commit counter, and increment it before
    // answering: a thread that compares the counter with its own before it reads
    // (LinkedSplit.catchUp) never misses a commit that was answered to another thread.
    const commit = isAlone ? this.#next() : this.broadcast(update);
    let times: CommitTimes | null = { commitMs, fsyncMs, at };
    let from = 0;
    for (const { port, commands } of batches) {
      const own = outcomes.slice(from, from + commands.length);
      from += commands.length;
      const shown = isAlone ? update : null;
      port.postMessage(
        toWire({
          kind: 'committed',
          outcomes: own,
          update: shown,
          commit,
          walPages,
          times,
        } satisfies FromWriter<unknown, Update>),
      );
      times = null;
    }
  }

  /** Sends an update to every link; returns the number of their commit. */
  broadcast(update: Update): number {
    const commit = (this.#commit() + 1) | 0;
    const wire = toWire<FromWriter<Outcome, Update>>({ kind: 'changed', update, commit });
    for (const port of this.#ports) port.postMessage(wire);
    return this.#next();
  }

  reportCheckpoint(tookMs: number, walPages: number): void {
    const [first] = this.#ports;
    if (first) this.send(first, { kind: 'checkpointed', tookMs, walPages });
  }

  /** Answers batches that had no effect. */
  refuse(batches: readonly LinkedBatch<Command>[], why: NotWritten): void {
    for (const { port } of batches) this.send(port, { kind: 'refused', why });
  }

  get hasSpace(): boolean {
    return this.#hasSpace;
  }

  /** Reports to every link whether the disk has space. */
  setSpace(hasSpace: boolean): void {
    this.#hasSpace = hasSpace;
    for (const port of this.#ports) this.send(port, { kind: 'space', hasSpace });
  }

  /** Reports to every link whether a transaction is open. */
  setHeld(isHeld: boolean): void {
    for (const port of this.#ports) this.send(port, { kind: 'held', isHeld });
  }

  fail(reason: string): void {
    for (const port of this.#ports) this.send(port, { kind: 'fault', reason });
  }

  close(): void {
    for (const port of this.#ports) port.close();
  }

  /** Answers one link. */
  send(port: MessagePort, message: FromWriter<Outcome, Update>): void {
    port.postMessage(toWire(message));
  }

  #commit(): number {
    return Atomics.load(this.#lastCommit, 0);
  }

  #next(): number {
    return (Atomics.add(this.#lastCommit, 0, 1) + 1) | 0;
  }
}
