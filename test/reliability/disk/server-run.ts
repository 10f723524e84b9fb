/** A run whose servers have their file on a failing disk. */
import { patienceMs } from '../../support/patience.ts';
import { DropsUnderTest, endless } from '../drops-under-test.ts';
import { FaultRun, type MachineRuntime } from '../fault-run.ts';
import type { Crowd } from '../run-settings.ts';
import { FailingDisk } from './failing-disk.ts';

export class ServerRun extends FaultRun {
  readonly disk: FailingDisk;

  constructor(runtime: MachineRuntime, seed: number, env: Record<string, string> = {}) {
    const disk = new FailingDisk();
    super(runtime, seed, {
      env: { ...env, ...disk.environment() },
      folder: disk.folder,
      databaseFile: disk.databaseFile,
      drops: new DropsUnderTest([endless]),
    });
    this.disk = disk;
  }

  /** Starts a server; resolves to whether it listens. A failure without a reason is a violation. */
  startOrRefuse(): Promise<boolean> {
    return this.start().then(
      () => true,
      (error: unknown) => {
        this.expect(String(error).includes("can't start"), `a start has failed without a word: ${error}`);
        return false;
      },
    );
  }

  /** Starts shoppers, and waits for the first answer. */
  async sell(count: number): Promise<Crowd> {
    const crowd = this.letIn(count);
    await crowd.shoppers.begun;
    return crowd;
  }

  /** Calls without an answer: the client timed out, or the connection broke. */
  unanswered(): number {
    return this.ledger
      .calls()
      .filter(
        ({ result }) => result === null || (result.kind === 'unknown' && !result.reason.startsWith('503')),
      ).length;
  }

  /** Sends the long reads on new connections; resolves once each has any answer. */
  async askForLongReads(): Promise<void> {
    const ask = (path: string, method = 'GET') =>
      this.operate(path, { method }).then((answer) => answer.arrayBuffer());
    const drop = `/admin/drops/${endless.slug}`;
    await Promise.allSettled([ask(`${drop}/audit`), ask(`${drop}/orders.csv`), ask('/admin/backup', 'POST')]);
  }

  /** The status of a path; 0 where the server does not answer. */
  async statusOf(path: string): Promise<number> {
    const signal = AbortSignal.timeout(patienceMs);
    return fetch(`${this.server.url}${path}`, { signal }).then(
      async (answer) => {
        await answer.arrayBuffer();
        return answer.status;
      },
      () => 0,
    );
  }

  /** Records a violation where a path has another status. */
  async expectStatus(path: string, status: number, when: string): Promise<void> {
    const found = await this.statusOf(path);
    this.expect(found === status, `${path} is answered ${found}, not ${status}, ${when}`);
  }

  /** Waits until the path returns this status. Throws if the server exits first, or on timeout. */
  becomes(path: string, status: number, when: string): Promise<void> {
    return this.until(
      async () => (await this.statusOf(path)) === status,
      () => `${path} never returned ${status} ${when}`,
    );
  }

  /** As in every run; in addition, the log must name the failure. */
  override async expectFault(): Promise<void> {
    await super.expectFault();
    this.expect(
      this.server.output().includes('the writer failed'),
      'the log does not say that the writer failed',
    );
  }

  override async close(): Promise<void> {
    this.disk.control.close();
    await super.close();
  }
}
