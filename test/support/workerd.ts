/**
 * Runs a bundle of the Worker in workerd, the production runtime, on loopback and with its state in
 * a folder.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import './quick-miniflare.ts';
import type { Miniflare } from 'miniflare';
import type { unstable_readConfig } from 'wrangler';
import type { ProcessEnd } from '../../src/crowd/server-process.ts';
import { oncePerRun } from './once-per-run.ts';
import { root } from './server-process.ts';
import { workerName } from './worker-name.ts';

const migrationsFolder = join(root, 'drizzle/migrations');

export interface WorkerdOptions {
  /** The output of `wrangler deploy --dry-run --outdir`. */
  bundle: string;
  /** A state folder that outlives the process. */
  folder: string;
  /** Variables and secrets; PORT is the port. */
  env: Readonly<Record<string, string>>;
  /** Classes of objects by binding. */
  objects: Readonly<Record<string, string>>;
  /** Rate limits of the platform per minute, by binding. */
  rateLimits?: Readonly<Record<string, number>>;
}

export interface Workerd {
  miniflare: Miniflare;
  url: string;
  /** Everything that the Worker has logged. */
  output: () => string;
  pid: number;
  /** Resolves with the first end of workerd: Miniflare silently restarts it after a crash. */
  exited: Promise<ProcessEnd>;
  /** Ends it with SIGKILL, the only way that Miniflare has. */
  stop: () => Promise<void>;
}

/** The processes that a start has spawned; Miniflare does not expose its own. */
const spawnedBy = new AsyncLocalStorage<ChildProcess[]>();
subscribe('child_process', (message) => {
  const { process: child } = message as { process: ChildProcess };
  spawnedBy.getStore()?.push(child);
});

const catalogue = { d1Databases: { CATALOGUE: 'catalogue' } };

/** Applies the migrations to the catalogue in this folder, without the Worker. */
async function migrateCatalogue(folder: string): Promise<void> {
  const { convertV4MiniflareOptions, Miniflare } = await import('miniflare');
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      ...catalogue,
      modules: true,
      script: 'export default {};',
      resourcePersistencePath: folder,
    }),
  );
  const database = await miniflare.getD1Database('CATALOGUE');
  const files = readdirSync(migrationsFolder).filter((file) => file.endsWith('.sql'));
  for (const name of files.sort()) {
    const statements = readFileSync(join(migrationsFolder, name), 'utf8').split('--> statement-breakpoint');
    await database.batch(statements.map((statement) => database.prepare(statement)));
  }
  await miniflare.dispose();
}

/** Gives a new state folder its catalogue: a copy of one that was migrated once. */
async function provideCatalogue(folder: string): Promise<void> {
  if (existsSync(join(folder, 'd1'))) return;
  cpSync(await oncePerRun('catalogue', migrateCatalogue), folder, { recursive: true });
}

type Config = ReturnType<typeof unstable_readConfig>;

/** The deployment's configuration. To load wrangler takes longer than most tests. */
async function readConfig(): Promise<Config> {
  const file = await oncePerRun('wrangler.json', async (draft) => {
    const { unstable_readConfig } = await import('wrangler');
    writeFileSync(draft, JSON.stringify(unstable_readConfig({ config: join(root, 'wrangler.toml') })));
  });
  return JSON.parse(readFileSync(file, 'utf8')) as Config;
}

/** The queues in wrangler's configuration. */
interface Queues {
  producers?: readonly { binding: string; queue: string }[];
  consumers?: readonly {
    queue: string;
    max_batch_size?: number;
    max_batch_timeout?: number;
    max_retries?: number;
  }[];
}

/** Queues with the settings of the deployment. */
function queuesOf({ producers = [], consumers = [] }: Queues) {
  return {
    queueProducers: Object.fromEntries(producers.map(({ binding, queue }) => [binding, queue])),
    queueConsumers: Object.fromEntries(
      consumers.map(({ queue, max_batch_size, max_batch_timeout, max_retries }) => [
        queue,
        {
          ...(max_batch_size !== undefined && { maxBatchSize: max_batch_size }),
          ...(max_batch_timeout !== undefined && { maxBatchTimeout: max_batch_timeout }),
          ...(max_retries !== undefined && { maxRetries: max_retries }),
        },
      ]),
    ),
  };
}

async function createMiniflare(
  { bundle, folder, env, objects, rateLimits = {} }: WorkerdOptions,
  print: (text: string) => void,
): Promise<Miniflare> {
  const { convertV4MiniflareOptions, Miniflare } = await import('miniflare');
  const config = await readConfig();
  // wrangler puts a hash before the names of texts.
  const isText = (file: string): boolean => /^[0-9a-f]{40}-/.test(file);
  const texts = readdirSync(bundle).filter(isText);
  const [entry = ''] = readdirSync(bundle).filter((file) => file.endsWith('.js') && !isText(file));
  const classes = Object.entries(objects).map(([binding, className]) => [
    binding,
    { className, useSQLite: true },
  ]);
  const limits = Object.entries(rateLimits).map(([binding, limit], index) => [
    binding,
    { namespace_id: String(index), simple: { limit, period: 60 as const } },
  ]);
  return new Miniflare(
    convertV4MiniflareOptions({
      name: workerName,
      modules: [
        { type: 'ESModule', path: join(bundle, entry) },
        ...texts.map((file) => ({ type: 'Text' as const, path: join(bundle, file) })),
      ],
      modulesRoot: bundle,
      compatibilityDate: config.compatibility_date ?? '',
      compatibilityFlags: config.compatibility_flags,
      durableObjects: Object.fromEntries(classes),
      ratelimits: Object.fromEntries(limits),
      ...catalogue,
      ...queuesOf(config.queues),
      // Miniflare writes each e-mail to a file, and logs its name.
      email: { send_email: [{ name: 'EMAIL' }] },
      bindings: { ...env },
      host: '127.0.0.1',
      port: Number(env.PORT ?? 0),
      cf: false,
      resourcePersistencePath: folder,
      handleStructuredLogs: ({ message }) => print(`${message}\n`),
    }),
  );
}

/** Resolves once the Worker serves, with a migrated catalogue. */
export async function startWorkerd(options: WorkerdOptions): Promise<Workerd> {
  const printed: string[] = [];
  const spawned: ChildProcess[] = [];
  await provideCatalogue(options.folder);
  const { miniflare, url } = await spawnedBy.run(spawned, async () => {
    const miniflare = await createMiniflare(options, (text) => void printed.push(text));
    return { miniflare, url: (await miniflare.ready).origin };
  });
  const [workerd] = spawned;
  if (!workerd) throw new Error('Miniflare serves, and has not started workerd.');
  const exited = once(workerd, 'exit').then(([code, signal]) => ({ code, signal }) as ProcessEnd);
  let ending: Promise<void> | null = null;
  return {
    miniflare,
    url,
    output: () => printed.join(''),
    pid: workerd.pid ?? 0,
    exited,
    stop() {
      ending ??= miniflare.dispose();
      return ending;
    },
  };
}
