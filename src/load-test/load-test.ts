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
import { Crash } from './crash.ts';
import { playCrowd } from './crowd.ts';
import { reasonsAgainst } from './decision.ts';
import { examine } from './examination.ts';
import { Figures } from './figures.ts';
import { findFreePort } from './free-port.ts';
import type { CrowdPlan } from './plan.ts';
import type { Report } from './report.ts';
import { makeScratchFolder, removeScratchFolder } from './scratch-folder.ts';
import { type Environment, ServerUnderTest, settingsOf } from './server-under-test.ts';

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

  /** Runs the load test; always cleans up. Rejects if there was nothing to judge. */
  async run(): Promise<Report> {
    try {
      return await this.#loadTest();
    } finally {
      await this.#server?.kill();
      this.#leave();
    }
  }

  /** Aborts at once when the process ends in the middle of a run; leaves no process and no file. */
  breakOff(): void {
    this.#server?.abandon();
    this.#leave();
  }

  #leave(): void {
    this.#ledger?.close();
    this.#ledger = null;
    if (this.#folder !== null && !this.#settings.keep) removeScratchFolder(this.#folder);
  }

  async #loadTest(): Promise<Report> {
    const { realFile, blueprint, plan, p99MaxMs, environment, progress } = this.#settings;
    const port = await findFreePort();
    this.#folder = makeScratchFolder(realFile, plan.buyers);
    const databaseFile = join(this.#folder, 'load-test.db');
    const secrets = { secretKey: this.#secretKey, adminToken: this.#adminToken };
    const server = new ServerUnderTest({ databaseFile, port, environment, ...secrets });
    this.#server = server;
    progress.step(`The server starts on a copy of the drop in ${this.#folder}`);
    await server.start();
    const synchronous = await readSynchronous(server);
    // Through the operator's route, because only the server may open its file.
    const { id: dropId } = await createDrop(
      { url: server.url, adminToken: this.#adminToken },
      newDropOf(blueprint, new Date().toISOString()),
    );

    const ledger = new Ledger(this.#folder);
    this.#ledger = ledger;
    const figures = new Figures(plan.seconds, p99MaxMs);
    const crash = new Crash();
    let restartFailure: string | null = null;
    const strike = async (): Promise<boolean> => {
      progress.step('The server is killed');
      crash.kill(performance.now());
      await server.kill();
      crash.end(performance.now());
      try {
        await server.start();
        crash.listen(performance.now());
        progress.step('The server listens again');
        return true;
      } catch (error) {
        restartFailure = error instanceof Error ? error.message : String(error);
        return false;
      }
    };
    progress.step(`The crowd arrives: ${counted(plan.buyers, 'buyer')} and ${counted(plan.looks, 'look')}`);
    const played = await playCrowd({
      hostname,
      port,
      units: unitsOf(blueprint),
      plan,
      boundMs: p99MaxMs,
      buyers: new Buyers({ host: `${hostname}:${port}`, dropId, items: blueprint.items }),
      ledger,
      figures,
      crash,
      strike,
      onProgress: (elapsedMs) =>
        progress.tick(
          `${(elapsedMs / 1000).toFixed(0)} s of ${plan.seconds.toFixed(0)}: ${figures.sent} sent, ${figures.done} answered, ${figures.outcomes.get('held') ?? 0} held`,
        ),
    });

    progress.step('The server stops, and its database is judged');
    const stopCode = restartFailure === null ? await server.stop() : null;
    const examination = examine({
      databaseFile,
      blueprint,
      ledger,
      secretKey: this.#secretKey,
      now: Date.now(),
    });
    const purchases = ledger.calls().filter(({ invoked }) => invoked.call === 'purchase');
    const refusedAsOverloaded = purchases.filter(
      ({ result }) => result?.kind === 'refused' && result.code === 'overloaded',
    );
    const planned = plan.seconds * 1000;
    const sentPerSecond = (figures.sent / Math.max(planned, played.sendingMs)) * 1000;
    const latencies = figures.latencies();
    const shown = {
      p99MaxMs,
      askedPerSecond: plan.ratePerSecond,
      sentPerSecond,
      purchases: purchases.length,
      overloaded: refusedAsOverloaded.length,
      latencies,
      crash: crash.summary(played.startMs),
      restartFailure,
      errors: figures.errors,
      errorSamples: figures.errorSamples,
      stopCode,
      examination,
    };
    const reasons = reasonsAgainst(shown);
    const { items: _, ...terms } = blueprint;
    return {
      verdict: reasons.length === 0 ? 'GO' : 'NO GO',
      reasons,
      drop: { ...terms, units: unitsOf(blueprint) },
      server: { runtime: this.#settings.runtime, synchronous, settings: settingsOf(environment) },
      crowd: {
        ...plan,
        sent: figures.sent,
        dropped: figures.dropped,
        sentPerSecond,
        latenessMs: figures.latenessMs,
        askedAgain: figures.askedAgain,
      },
      outcomes: Object.fromEntries(figures.outcomes),
      latencyMs: latencies,
      crash: shown.crash,
      highestRateInBound: figures.highestRateInBound,
      p99MaxMs,
      examination,
      folder: this.#settings.keep ? this.#folder : null,
    };
  }
}
