/**
 * One life of a writer without threads on a disk that fails on demand: fast enough to fail every
 * operation.
 */

import { commitShopCommands, type ShopCommit } from '../../../src/database/sqlite/shop-commands.ts';
import type { Command } from '../../../src/domain/command.ts';
import type { Outcome } from '../../../src/domain/outcome.ts';
import { type Checkpointer, createCheckpointer } from '../../../src/split/checkpoint.ts';
import { type ConnectionSettings, openWriter, type SqliteConnection } from '../../../src/split/connection.ts';
import { copyIfSpace, DiskFullError } from '../../../src/split/disk-full.ts';
import { createDrop, recordPayment } from '../../support/commands.ts';
import { openShopFile } from '../../support/open-shop-file.ts';
import { type DiskControl, type Failure, isLackOfRoom, nameOf } from './control.ts';
import { holdOf, ReportedOrders } from './reported-orders.ts';

/** The course of one life on a failing disk. */
export interface RunReport {
  failure: Failure;
  /** Operations that did fail. */
  failed: number;
  /** `refused`: did not start. `fault`: reported a fatal error. `closed`: ran to its end. */
  end: 'refused' | 'fault' | 'closed';
  /** Commands answered `disk_full` before their execution. */
  refusals: number;
  unknown: number;
  findings: string[];
}

export class WriterRun {
  readonly #control: DiskControl;
  readonly #failure: Failure;
  readonly #settings: ConnectionSettings;
  readonly #reported = new ReportedOrders();
  readonly #findings: string[] = [];
  #refusals = 0;

  constructor(control: DiskControl, failure: Failure, file: string) {
    this.#control = control;
    this.#failure = failure;
    this.#settings = { file, busyTimeoutMs: 1_000, synchronous: 'FULL' };
  }

  /** Runs, fails as specified, and restarts; the file must exist and have the schema. */
  live(): RunReport {
    this.#control.arm(this.#failure);
    const end = this.#begin();
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

  #begin(): RunReport['end'] {
    let writer: SqliteConnection;
    let copier: SqliteConnection | undefined;
    try {
      writer = openShopFile(this.#settings);
    } catch {
      return 'refused';
    }
    try {
      copier = openWriter(this.#settings);
      this.#sell(writer, copier);
      return 'closed';
    } catch (error) {
      this.#blame(error);
      return 'fault';
    } finally {
      copier?.close();
      writer.close();
    }
  }

  /** Sells, idles for a checkpoint, sells into a restarted WAL, and checkpoints again. */
  #sell(writer: SqliteConnection, copier: SqliteConnection): void {
    const committer = commitShopCommands(writer);
    const checkpointer = createCheckpointer(writer, () =>
      copyIfSpace(copier, () => copier.pragma('wal_checkpoint(PASSIVE)')),
    );
    this.#commit(committer, [createDrop({ startsAt: 0 })]);
    const held = this.#hold(committer, ['ann', 'bob']);
    const [ann = 0, bob = 0] = held.map((outcome) => (outcome.kind === 'held' ? outcome.order.id : 0));
    const next = this.#commit(committer, [recordPayment(ann), { kind: 'cancelOrder', orderId: bob }]);
    this.#reported.noteNext('ann', next[0]);
    this.#reported.noteNext('bob', next[1]);
    this.#rest(checkpointer);
    this.#hold(committer, ['cleo']);
    this.#hold(committer, ['dora']);
    this.#rest(checkpointer);
    checkpointer.truncate();
  }

  #rest(checkpointer: Checkpointer): void {
    checkpointer.atRest();
    checkpointer.afterCopy();
  }

  #hold(committer: ShopCommit, names: readonly string[]): Outcome[] {
    for (const name of names) this.#reported.note(name, { kind: 'outcome_unknown' });
    const outcomes = this.#commit(committer, names.map(holdOf));
    names.forEach((name, index) => {
      this.#reported.note(name, outcomes[index] ?? { kind: 'outcome_unknown' });
    });
    return outcomes;
  }

  /** Commits as the writer's thread does, with retries on a full disk. Throws on a fatal error. */
  #commit(committer: ShopCommit, commands: readonly Command[]): Outcome[] {
    for (;;) {
      const { failed } = this.#control;
      try {
        const { outcomes } = committer.commit(commands, Date.now());
        if (this.#control.failed > failed) this.#findings.push('an operation failed, and the commit did not');
        return outcomes;
      } catch (error) {
        if (!(error instanceof DiskFullError)) throw error;
        if (!isLackOfRoom(this.#failure)) this.#findings.push('a fault counts as a lack of room');
        this.#refusals += 1;
        if (this.#failure.forever && committer.hasSpace())
          this.#findings.push('there is room on a full disk');
        this.#control.disarm();
        if (!committer.hasSpace())
          this.#findings.push('the disk has space again, but the writer does not notice');
      }
    }
  }

  #blame(error: unknown): void {
    const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (this.#control.failed === 0) this.#findings.push(`nothing failed, and the writer was lost: ${reason}`);
    // Shared memory that can't grow shows after the fsync of a commit: its outcome is unknown.
    if (isLackOfRoom(this.#failure) && !reason.startsWith('SQLITE_IOERR_SHM'))
      this.#findings.push(`the disk was full, and the writer was lost: ${reason}`);
  }
}
