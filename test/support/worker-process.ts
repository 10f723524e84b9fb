/** Starts the Worker in workerd, the production runtime, on loopback and with state on disk, like a server of its own. */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { unstable_readConfig } from 'wrangler';
import {
  root,
  type ServerOptions,
  type ServerProcess,
  scratchDatabase,
  testEnvironment,
} from './server-process.ts';
import { workerBundle } from './worker-bundle.ts';

const migrationsFolder = join(root, 'drizzle/migrations');
const migratedFile = 'catalogue-is-migrated';

async function migrateCatalogue(worker: Miniflare, folder: string): Promise<void> {
  const mark = join(folder, migratedFile);
  if (existsSync(mark)) return;
  const catalogue = await worker.getD1Database('CATALOGUE');
  for (const name of readdirSync(migrationsFolder)
    .filter((file) => file.endsWith('.sql'))
    .sort()) {
    const statements = readFileSync(join(migrationsFolder, name), 'utf8').split('--> statement-breakpoint');
    await catalogue.batch(statements.map((statement) => catalogue.prepare(statement)));
  }
  mkdirSync(mark);
}

/** As `startServer`, on workerd; `databaseFile` names a folder beside it that holds the objects and the catalogue. */
export async function startWorker(options: ServerOptions): Promise<ServerProcess> {
  const databaseFile = options.databaseFile ?? scratchDatabase();
  const folder = dirname(databaseFile);
  const config = unstable_readConfig({ config: join(root, 'wrangler.toml') });
  const env = { ...testEnvironment, ...options.env };
  const printed: string[] = [];
  const files = readdirSync(workerBundle);
  const worker = new Miniflare(
    convertV4MiniflareOptions({
      modules: [
        { type: 'ESModule', path: join(workerBundle, 'worker.js') },
        ...files
          .filter((file) => file.endsWith('.sql'))
          .map((file) => ({ type: 'Text' as const, path: join(workerBundle, file) })),
      ],
      modulesRoot: workerBundle,
      compatibilityDate: config.compatibility_date ?? '',
      compatibilityFlags: config.compatibility_flags,
      durableObjects: { DROPS: { className: 'DropObject', useSQLite: true } },
      d1Databases: { CATALOGUE: 'catalogue' },
      bindings: env,
      host: '127.0.0.1',
      port: Number(env.PORT),
      cf: false,
      resourcePersistencePath: folder,
      handleStructuredLogs: ({ message }) => printed.push(`${message}\n`),
    }),
  );
  const url = (await worker.ready).origin;
  await migrateCatalogue(worker, folder);
  let end = (_: { code: number; signal: null }): void => undefined;
  const exited = new Promise<{ code: number; signal: null }>((resolve) => {
    end = resolve;
  });
  let ending: Promise<void> | null = null;
  const stop = async () => {
    ending ??= worker.dispose().then(() => end({ code: 0, signal: null }));
    await ending;
    return exited;
  };
  return {
    url,
    pid: 0,
    adminToken: env.ADMIN_TOKEN,
    secretKey: env.SECRET_KEY,
    databaseFile,
    output: () => printed.join(''),
    exited,
    stop,
    kill: async () => {
      await stop();
    },
  };
}
