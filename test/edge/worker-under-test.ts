/** The Worker with its faults, in workerd: what a test of the edge starts, and its way to break things. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { createTestHarness, type WorkerHandle } from 'wrangler';
import type { Drop } from '../../src/domain/drop.ts';
import { scratchFolder } from '../support/scratch-store.ts';
import { root, testEnvironment } from '../support/server-process.ts';
import { Shop } from '../support/shop.ts';
import type { Faults } from './fault-switches.ts';

type Harness = ReturnType<typeof createTestHarness>;

const hookDeadlineMs = 60_000;

export class EdgeShop extends Shop {
  #harness: Harness | null = null;

  async start(vars: Record<string, string> = {}): Promise<void> {
    const { HOST: _, PORT: __, ...env } = testEnvironment;
    this.#harness = createTestHarness({
      workers: [{ configPath: writeConfig(), vars: { ...env, LOG_LEVEL: 'error', ...vars } }],
    });
    const { url } = await this.#harness.listen();
    await this.worker().applyD1Migrations('CATALOGUE');
    this.open({
      url: url.origin,
      pid: 0,
      adminToken: testEnvironment.ADMIN_TOKEN,
      secretKey: testEnvironment.SECRET_KEY,
      databaseFile: '',
      output: () => JSON.stringify(this.#harness?.getLogs()),
      exited: new Promise(() => undefined),
      stop: async () => {
        await this.#harness?.close();
        return { code: 0, signal: null };
      },
      kill: async () => {
        await this.#harness?.close();
      },
    });
  }

  /** Its bindings are typed where the Worker is, and not here. */
  worker(): WorkerHandle<Record<'CATALOGUE' | 'DROPS', never>> {
    if (!this.#harness) throw new Error('The Worker was not started.');
    return this.#harness.getWorker();
  }

  /** Ends an object where it stands, as the platform may at any moment; its rows stay. */
  async evict(): Promise<void> {
    for (const id of await this.worker().listDurableObjectIds('DROPS')) {
      await this.worker()
        .evictDurableObject('DROPS', { id, webSockets: 'hibernate' })
        .catch((error: Error) => {
          if (!error.message.includes('not currently running')) throw error;
        });
    }
  }

  /** Switches faults on or off; returns how many requests have reached an object so far. */
  async fault(faults: Partial<Faults> = {}): Promise<number> {
    const answer = await fetch(`${this.server.url}/faults`, { method: 'POST', body: JSON.stringify(faults) });
    return ((await answer.json()) as { objectRequests: number }).objectRequests;
  }

  /** Tells the catalogue of a drop, as its object would; returns what it lists then. */
  async tell(place: number, drop: Drop, seq: number): Promise<Drop[]> {
    const body = JSON.stringify({ place, drop, seq });
    const answer = await fetch(`${this.server.url}/tell`, { method: 'POST', body });
    return ((await answer.json()) as { drops: Drop[] }).drops;
  }
}

/** The configuration as it is deployed, but for the entry; in a folder of its own, where no developer's secrets are. */
function writeConfig(): string {
  const file = join(scratchFolder(), 'wrangler.toml');
  const deployed = readFileSync(join(root, 'wrangler.toml'), 'utf8');
  const here = deployed
    .replace('new_sqlite_classes = ["DropObject"]', 'new_sqlite_classes = ["DropObject", "ScratchObject"]')
    .replace('src/runtime/worker.ts', join(root, 'test/edge/worker/faulty-worker.ts'))
    .replace('"drizzle/migrations"', JSON.stringify(join(root, 'drizzle/migrations')));
  const scratch = '[[durable_objects.bindings]]\nname = "SCRATCH"\nclass_name = "ScratchObject"\n';
  writeFileSync(file, `${here}\n${scratch}`);
  return file;
}

/** Registers the start and the end of a Worker around the tests of the current `describe`. */
export function useEdgeShop(vars: Record<string, string> = {}): EdgeShop {
  const shop = new EdgeShop();
  beforeAll(() => shop.start(vars), hookDeadlineMs);
  afterAll(() => shop.server.stop(), hookDeadlineMs);
  return shop;
}
