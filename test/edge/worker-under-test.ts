/** The Worker with faults, in workerd: started by the edge tests, with switches for its faults. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import type { Drop } from '../../src/domain/drop.ts';
import type { Call } from '../support/client.ts';
import { oncePerRun } from '../support/once-per-run.ts';
import { scratchFolder } from '../support/scratch-folder.ts';
import { root, testEnvironment } from '../support/server-process.ts';
import { Shop } from '../support/shop.ts';
import { buildWorker } from '../support/worker-bundle.ts';
import { workerName } from '../support/worker-name.ts';
import { asServer } from '../support/worker-process.ts';
import { startWorkerd, type Workerd } from '../support/workerd.ts';
import { type Faults, type Seen, straightHeader } from './fault-switches.ts';

export class EdgeShop extends Shop {
  #workerd: Workerd | null = null;
  /** Starts on the stored state; null before the first start. */
  #restart: (() => Promise<void>) | null = null;

  /** `rateLimits` are the platform's bound limiters by name. */
  async start(
    bundle: string,
    vars: Record<string, string> = {},
    rateLimits: Record<string, number> = {},
    folder = scratchFolder(),
  ): Promise<void> {
    const env = { ...testEnvironment, LOG_LEVEL: 'error', ...vars };
    const objects = {
      DROPS: 'DropObject',
      DROPS_EU: 'EuDropObject',
      RELAYS: 'DropRelay',
      SCRATCH: 'ScratchObject',
    };
    this.#restart = () => this.start(bundle, vars, rateLimits, folder);
    this.#workerd = await startWorkerd({ bundle, folder, env, objects, rateLimits });
    this.open(asServer(this.#workerd, env, join(folder, 'none.db')));
  }

  /** Ends workerd with SIGKILL, and restarts it on the stored state. */
  async killAndRestart(): Promise<void> {
    process.kill(this.server.pid, 'SIGKILL');
    await this.server.exited;
    // Miniflare has started another process meanwhile, which ends here.
    await this.server.stop();
    await this.#restart?.();
  }

  /** Aborts every object, as the platform may at any moment; their rows stay. */
  async evict(): Promise<void> {
    const miniflare = this.#workerd?.miniflare;
    for (const [binding, className] of [
      ['DROPS', 'DropObject'],
      ['RELAYS', 'DropRelay'],
    ] as const) {
      for (const id of (await miniflare?.listDurableObjectIds(binding)) ?? []) {
        await miniflare
          ?.unsafeEvictDurableObject(workerName, className, { id, webSockets: 'hibernate' })
          .catch((error: Error) => {
            if (!error.message.includes('not currently running')) throw error;
          });
      }
    }
  }

  /** Ends the object of one shard, which takes no time. */
  async end(shardId: number): Promise<void> {
    await fetch(`${this.server.url}/end`, { headers: { [straightHeader]: String(shardId) } });
  }

  /** The number of objects without a jurisdiction and in the EU. */
  async objects(): Promise<{ anywhere: number; eu: number }> {
    const count = async (binding: string) =>
      ((await this.#workerd?.miniflare.listDurableObjectIds(binding)) ?? []).length;
    return { anywhere: await count('DROPS'), eu: await count('DROPS_EU') };
  }

  /** Switches faults on or off; returns the Worker's counters. */
  async fault(faults: Partial<Faults> = {}): Promise<Seen> {
    const answer = await fetch(`${this.server.url}/faults`, { method: 'POST', body: JSON.stringify(faults) });
    return (await answer.json()) as Seen;
  }

  /** Reports a drop to the catalogue, as its object would; returns the resulting list. */
  async report(shardId: number, drop: Drop, seq: number): Promise<Drop[]> {
    const body = JSON.stringify({ shardId, drop, seq });
    const answer = await fetch(`${this.server.url}/tell`, { method: 'POST', body });
    return ((await answer.json()) as { drops: Drop[] }).drops;
  }

  /** Runs a statement in the catalogue, past every Worker and object; returns its rows. */
  async catalogue<T>(sql: string, ...values: (string | number)[]): Promise<T[]> {
    const body = JSON.stringify({ sql, values });
    return (await (await fetch(`${this.server.url}/catalogue`, { method: 'POST', body })).json()) as T[];
  }

  /** Puts messages into the mail queue, to simulate redelivery. */
  async queue(...messages: unknown[]): Promise<void> {
    await fetch(`${this.server.url}/queue`, { method: 'POST', body: JSON.stringify(messages) });
  }

  /** Removes a drop from the catalogue, as restoring its database to an earlier time does. */
  async loseDrop(slug: string): Promise<void> {
    await fetch(`${this.server.url}/lose`, { method: 'POST', body: slug });
  }
}

/** A request that goes to the object of a shard without the Worker. */
export const straightAt =
  (shardId: number) =>
  (call: Call): Call => ({ ...call, headers: { ...call.headers, [straightHeader]: String(shardId) } });

/** The deployed configuration, with the tests' entry and an object added. */
function writeConfig(): string {
  const file = join(scratchFolder(), 'wrangler.toml');
  const deployed = readFileSync(join(root, 'wrangler.toml'), 'utf8');
  const classes = [
    ['DROPS_EU', 'EuDropObject'],
    ['SCRATCH', 'ScratchObject'],
  ].map(([name, of]) => `[[durable_objects.bindings]]\nname = "${name}"\nclass_name = "${of}"\n`);
  const here = deployed
    .replace(
      'new_sqlite_classes = ["DropObject"]',
      'new_sqlite_classes = ["DropObject", "EuDropObject", "ScratchObject"]',
    )
    .replace('src/edge/worker.ts', join(root, 'test/edge/worker/faulty-worker.ts'));
  writeFileSync(file, `${here}\n${classes.join('')}`);
  return file;
}

/** The folder of the Worker with faults, built at the first call of a run. */
export const faultyBundle = (): Promise<string> =>
  oncePerRun('faulty-worker', (draft) => buildWorker(draft, writeConfig()));

/** Registers the start and the end of a Worker around the tests of the current `describe`. */
export function useEdgeShop(
  vars: Record<string, string> | (() => Record<string, string>) = {},
  rateLimits: Record<string, number> = {},
): EdgeShop {
  const shop = new EdgeShop();
  beforeAll(async () => {
    await shop.start(await faultyBundle(), typeof vars === 'function' ? vars() : vars, rateLimits);
  });
  afterAll(async () => {
    expect(await shop.server.stop(), shop.server.output().slice(-2_000)).toEqual({ code: 0, signal: null });
  });
  return shop;
}
