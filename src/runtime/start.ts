/**
 * The server as a process: reads the environment, starts a shop, and ends on a signal or a fault.
 */
import { ConfigError } from '../config/config.ts';
import { FAULT_EXIT_DELAY_MS } from '../limits.ts';
import { DatabaseRefusedError } from '../split/writer-host.ts';
import { createStampede } from './create-stampede.ts';
import { loadDevSecrets } from './dev-secrets.ts';
import { createPinoLog } from './pino-log.ts';
import { whatToTry } from './sample.ts';
import { stopOnSignal } from './shutdown.ts';

const FAULT_EXIT_CODE = 70;

interface Environment {
  settings: Readonly<Record<string, string | undefined>>;
  /** Development only. */
  secretsFile: string | null;
}

function readEnvironment(isDevelopment: boolean): Environment {
  if (!isDevelopment) return { settings: process.env, secretsFile: null };
  const given = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ''));
  const secretsFile = `${given.DATABASE_FILE ?? 'data/stampede.db'}.secrets.json`;
  const defaults = { PAYMENT_PROVIDERS: 'sandbox', ...loadDevSecrets(secretsFile) };
  return { settings: { ...defaults, ...given }, secretsFile };
}

/** Ends the process with one clear line for each mistake. */
function refuseToStart(mistakes: readonly string[]): never {
  const log = createPinoLog('info');
  for (const mistake of mistakes) log.error({}, `can't start: ${mistake}`);
  process.exit(1);
}

function refuseShop(error: unknown): never {
  if (error instanceof ConfigError) return refuseToStart(error.mistakes);
  if (error instanceof DatabaseRefusedError) {
    return refuseToStart([`DATABASE_FILE can't be served: ${error.message}`]);
  }
  throw error;
}

/** Starts this process's server; resolves once it listens. */
export async function start({ isDevelopment }: { isDevelopment: boolean }): Promise<void> {
  const { settings, secretsFile } = readEnvironment(isDevelopment);
  const stampede = await createStampede({
    config: settings,
    isDevelopment,
    // First answer requests in flight with 503 (outcome unknown); a restart finds what was
    // committed.
    onFault: () => setTimeout(() => process.exit(FAULT_EXIT_CODE), FAULT_EXIT_DELAY_MS),
  }).catch(refuseShop);
  // Do this before logging `listening`: from then on, a signal must stop the server gracefully.
  stopOnSignal(() => stampede.close(), stampede.log);
  const publicUrl = await stampede.listen().catch((error: Error) => refuseToStart([error.message]));
  if (secretsFile) process.stdout.write(`${whatToTry(publicUrl, secretsFile)}\n`);
}
