/**
 * Runs one load test from its folder to its verdict: server, crowd, crash, graceful stop, and
 * examination.
 */

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Ledger } from '../crowd/ledger.ts';
import { createDrop, readSynchronous } from '../crowd/operator.ts';
import { counted } from '../domain/counted.ts';
import { type Blueprint, newDropOf, unitsOf } from './blueprint.ts';
import { Buyers } from './buyers.ts';
import { conclude } from './conclusion.ts';
import { Crash } from './crash.ts';
import { runCrowd } from './crowd.ts';
import { examine } from './examination.ts';
import { Figures } from './figures.ts';
import { findFreePort } from './free-port.ts';
import type { CrowdPlan } from './plan.ts';
import type { Report } from './report.ts';
import { makeScratchFolder, removeScratchFolder } from './scratch-folder.ts';
import { type Environment, ServerUnderTest } from './server-under-test.ts';

export interface LoadTestSettings {
  /** The operator's own file; only its disk is used here. */
  realFile: string;
  blueprint: Blueprint;
  plan: CrowdPlan;
  p99MaxMs: number;
  /** Keeps the scratch folder. */
  keep: boolean;
  environment: Environment;
  runtime: string;
  progress: LoadTestProgress;
}

export interface LoadTestProgress {
  step(text: string): void;
  tick(text: string): void;
}

const hostname = '127.0.0.1';

export class LoadTest {
  readonly #settings: LoadTestSettings;
  readonly #secretKey = randomBytes(32).toString('hex');
  readonly #adminToken = randomBytes(24).toString('base64url');
  #folder: string | null = null;
  #server: ServerUnderTest | null = null;
  #ledger: Ledger | null = null;

  constructor(settings: LoadTestSettings) {
    this.#settings = settings;
  }

  /** Runs the load test; always cleans up. Rejects if the test could not run to its end. */
  async run(): Promise<Report> {
    try {
      return await this.#loadTest();
    } finally {
      await this.#server?.kill();
      this.#cleanUp();
    }
  }

  /** Aborts at once, when this process ends during a run; leaves no process and no file behind. */
  abort(): void {
    this.#server?.abandon();
    this.#cleanUp();
  }

  #cleanUp(): void {
    this.#ledger?.close();
    this.#ledger = null;
    if (this.#folder !== null && !this.#settings.keep) removeScratchFolder(this.#folder);
  }

  async #loadTest(): Promise<Report> {
    const { realFile, blueprint, plan, p99MaxMs, environment, progress } = this.#settings;
    const port = await findFreePort();
    const folder = makeScratchFolder(realFile, plan.buyers);
    this.#folder = folder;
    const databaseFile = join(folder, 'load-test.db');
    const secrets = { secretKey: this.#secretKey, adminToken: this.#adminToken };
    const server = new ServerUnderTest({ databaseFile, port, environment, ...secrets });
    this.#server = server;
    progress.step(`The server starts with a copy of the drop in ${folder}`);
    await server.start();
    await server.warmedUp();
    const synchronous = await readSynchronous(server);
    // Through the operator's route, because only the server may open its file.
    const { id: dropId } = await createDrop(
      { url: server.url, adminToken: this.#adminToken },
      newDropOf(blueprint, new Date().toISOString()),
    );

    const ledger = new Ledger(folder);
    this.#ledger = ledger;
    const figures = new Figures(plan.seconds, p99MaxMs);
    const crash = new Crash();
    let restartFailure: string | null = null;
    progress.step(`The crowd arrives: ${counted(plan.buyers, 'buyer')} and ${counted(plan.reads, 'read')}`);
    const run = await runCrowd({
      hostname,
      port,
      units: unitsOf(blueprint),
      plan,
      boundMs: p99MaxMs,
      buyers: new Buyers({ host: `${hostname}:${port}`, dropId, items: blueprint.items }),
      ledger,
      figures,
      crash,
      crashServer: async () => {
        restartFailure = await this.#crashServer(server, crash);
        return restartFailure === null;
      },
      onProgress: (elapsedMs) =>
        progress.tick(
          `${(elapsedMs / 1000).toFixed(0)} s of ${plan.seconds.toFixed(0)}: ${figures.sent} sent, ${figures.done} answered, ${figures.outcomes.get('held') ?? 0} held`,
        ),
    });

    progress.step('The server stops, and its database is checked');
    const stopCode = restartFailure === null ? await server.stop() : null;
    const { secretKey } = secrets;
    const examination = examine({ databaseFile, blueprint, ledger, secretKey, now: Date.now() });
    return conclude(this.#settings, {
      run,
      figures,
      crash,
      ledger,
      examination,
      restartFailure,
      stopCode,
      synchronous,
      folder,
    });
  }

  /** Kills and restarts the server. Returns why it did not restart; null if it listens. */
  async #crashServer(server: ServerUnderTest, crash: Crash): Promise<string | null> {
    const { progress } = this.#settings;
    progress.step('The server is killed');
    crash.kill(performance.now());
    await server.kill();
    crash.end(performance.now());
    try {
      await server.start();
      crash.listen(performance.now());
      progress.step('The server listens again');
      return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }
}
