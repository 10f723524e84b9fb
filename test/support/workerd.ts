/** Runs a bundle of the Worker in workerd, the production runtime, on loopback and with its state in a folder. */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { convertV4MiniflareOptions, Miniflare } from 'miniflare';
import { unstable_readConfig } from 'wrangler';
import { root } from './server-process.ts';
import { workerName } from './worker-name.ts';

const migrationsFolder = join(root, 'drizzle/migrations');
const migratedMark = 'catalogue-is-migrated';

export interface WorkerdOptions {
  /** What `wrangler deploy --dry-run --outdir` has written. */
  bundle: string;
  /** Outlives the process. */
  folder: string;
  /** Variables and secrets; PORT is the port. */
  env: Readonly<Record<string, string>>;
  /** Classes of objects by their bindings. */
  objects: Readonly<Record<string, string>>;
}

export interface Workerd {
  miniflare: Miniflare;
  url: string;
  /** Everything that the Worker has logged. */
  output: () => string;
  stop: () => Promise<void>;
}

async function migrateCatalogue(miniflare: Miniflare, folder: string): Promise<void> {
  const mark = join(folder, migratedMark);
  if (existsSync(mark)) return;
  const catalogue = await miniflare.getD1Database('CATALOGUE');
  const files = readdirSync(migrationsFolder).filter((file) => file.endsWith('.sql'));
  for (const name of files.sort()) {
    const statements = readFileSync(join(migrationsFolder, name), 'utf8').split('--> statement-breakpoint');
    await catalogue.batch(statements.map((statement) => catalogue.prepare(statement)));
  }
  mkdirSync(mark, { recursive: true });
}

/** Resolves once it serves and its catalogue is migrated. */
export async function startWorkerd({ bundle, folder, env, objects }: WorkerdOptions): Promise<Workerd> {
  const config = unstable_readConfig({ config: join(root, 'wrangler.toml') });
  const printed: string[] = [];
  const isText = (file: string): boolean => /\.(?:sql|min\.css|min\.js)$/.test(file);
  const texts = readdirSync(bundle).filter(isText);
  const [entry = ''] = readdirSync(bundle).filter((file) => file.endsWith('.js') && !isText(file));
  const classes = Object.entries(objects).map(([binding, className]) => [
    binding,
    { className, useSQLite: true },
  ]);
  const miniflare = new Miniflare(
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
      d1Databases: { CATALOGUE: 'catalogue' },
      bindings: { ...env },
      host: '127.0.0.1',
      port: Number(env.PORT ?? 0),
      cf: false,
      resourcePersistencePath: folder,
      handleStructuredLogs: ({ message }) => printed.push(`${message}\n`),
    }),
  );
  const url = (await miniflare.ready).origin;
  await migrateCatalogue(miniflare, folder);
  let ending: Promise<void> | null = null;
  return {
    miniflare,
    url,
    output: () => printed.join(''),
    stop() {
      ending ??= miniflare.dispose();
      return ending;
    },
  };
}
