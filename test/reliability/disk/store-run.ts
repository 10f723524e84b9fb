/** One life of a real store on a disk that fails on demand: its answers, its end, and its file. */
import { setTimeout as sleep } from 'node:timers/promises';
import { orderReads } from '../../../src/database/order-reads.ts';
import { type OwnDatabase, openShopDatabase } from '../../../src/database/sqlite/open-database.ts';
import type { Command } from '../../../src/domain/command.ts';
import type { Outcome } from '../../../src/domain/outcome.ts';
import type { ConnectionSettings } from '../../../src/split/connection.ts';
import { systemClock } from '../../../src/split/system-clock.ts';
import { createDrop, recordPayment } from '../../support/commands.ts';
import { patienceMs } from '../../support/patience.ts';
import { type DiskControl, type Failure, isLackOfRoom, nameOf } from './control.ts';
import { holdOf, ReportedOrders } from './reported-orders.ts';
import type { RunReport } from './writer-run.ts';

/** Longer than the idle writer waits before a checkpoint, including the checkpoint. */
const REST_MS = 230;
const CLOSE_DEADLINE_MS = 2_000;
/** How long a full disk is observed, in milliseconds. */
const FULL_MS = 250;

async function until(holds: () => boolean): Promise<boolean> {
  for (const deadline = Date.now() + patienceMs; Date.now() < deadline; await sleep(5)) {
    if (holds()) return true;
  }
  return false;
}

export class StoreRun {
  readonly #control: DiskControl;
  readonly #failure: Failure;
  readonly #settings: ConnectionSettings;
  readonly #findings: string[] = [];
  readonly #reported = new ReportedOrders();
  #refusals = 0;
  #fault: string | null = null;

  constructor(control: DiskControl, failure: Failure, file: string) {
    this.#control = control;
    this.#failure = failure;
    this.#settings = { file, busyTimeoutMs: 1_000, synchronous: 'FULL' };
  }

  /** Runs, fails as specified, and restarts; the file must exist and have the schema. */
  async live(): Promise<RunReport> {
    this.#control.arm(this.#failure);
    const end = await this.#sell();
    const { failed } = this.#control;
    this.#control.disarm();
    if (end === 'refused' && failed === 0) this.#findings.push('nothing failed, and the start was refused');
    this.#findings.push(...this.#reported.judge(this.#settings));
    return {
      failure: this.#failure,
      failed,
      end,
      refusals: this.#refusals,
      unknown: this.#reported.unknown,
      findings: this.#findings.map((finding) => `${nameOf(this.#failure)}: ${finding}`),
    };
  }

  async #sell(): Promise<RunReport['end']> {
    let store: OwnDatabase;
    try {
      store = await openShopDatabase(
        {
          connection: this.#settings,
          queue: { queueMax: 100, deadlineMs: 5_000, batchMax: 10 },
          readersMax: 2,
          warmUpHolds: 0,
          backups: { folder: '/nowhere', keep: 1 },
          secretKey: 'a key',
        },
        { dropId: String, drop: (drop: unknown) => drop },
        systemClock,
        (reason) => {
          this.#fault = reason;
        },
      );
    } catch {
      return 'refused';
    }
    await this.#play(store);
    await this.#expectFault(store);
    await store.close(CLOSE_DEADLINE_MS);
    return this.#fault === null ? 'closed' : 'fault';
  }

  /** Sells, idles so that the WAL is checkpointed, and sells into a restarted WAL. */
  async #play(store: OwnDatabase): Promise<void> {
    await this.#ask(store, createDrop({ startsAt: 0 }));
    const held = await Promise.all([this.#hold(store, 'ann'), this.#hold(store, 'bob')]);
    const [ann, bob] = held.map((outcome) => (outcome.kind === 'held' ? outcome.order.id : null));
    await Promise.all([
      ann ? this.#goOn(store, 'ann', recordPayment(ann)) : null,
      bob ? this.#goOn(store, 'bob', { kind: 'cancelOrder', orderId: bob }) : null,
    ]);
    if (this.#control.failed === 0) await sleep(REST_MS);
    await this.#hold(store, 'cleo');
    await this.#hold(store, 'dora');
  }

  async #hold(store: OwnDatabase, name: string) {
    const outcome = await this.#ask(store, holdOf(name));
    this.#reported.note(name, outcome);
    return outcome;
  }

  async #goOn(store: OwnDatabase, name: string, command: Command): Promise<void> {
    this.#reported.noteNext(name, await this.#ask(store, command));
  }

  /** Sends a command, and retries one refused for a full disk once there is space. */
  async #ask<C extends Command>(store: OwnDatabase, command: C): Promise<Outcome<C>> {
    for (;;) {
      const outcome = await store.submit(command);
      if (outcome.kind !== 'disk_full') return outcome;
      this.#refusals += 1;
      if (this.#failure.forever) await this.#lookAtFullDisk(store);
      if (!(await until(() => store.status().isReady || this.#fault !== null))) {
        this.#findings.push('the disk has space again, but orders are refused');
        return outcome;
      }
    }
  }

  /** Expects that writes are refused and reads are served. Then frees space. */
  async #lookAtFullDisk(store: OwnDatabase): Promise<void> {
    await sleep(FULL_MS);
    if (store.status().isReady) this.#findings.push('the disk is full, and the store says that it is ready');
    if (
      orderReads(store).orderByKey({ customer: 'nobody', idempotencyKey: 'none', plainKey: null }) !==
      undefined
    )
      this.#findings.push('a read finds what is not there');
    this.#control.disarm();
  }

  /** After any failure but a full disk the store must stop. */
  async #expectFault(store: OwnDatabase): Promise<void> {
    const { failed } = this.#control;
    if (isLackOfRoom(this.#failure)) {
      // Shared memory that can't grow shows after the fsync of a commit: its outcome is unknown.
      if (this.#fault !== null && !this.#fault.startsWith('SQLITE_IOERR_SHM'))
        this.#findings.push(`the disk was full, and the writer was lost: ${this.#fault}`);
      return;
    }
    if (failed > 0 && !(await until(() => this.#fault !== null)))
      this.#findings.push('the disk failed, and the writer went on');
    if (this.#fault !== null && (await store.submit(holdOf('late'))).kind !== 'stopping')
      this.#findings.push('an order was taken after the writer was lost');
  }
}
