/** The Worker in workerd, seen like a server of its own. */
import { dirname } from 'node:path';
import {
  type ServerOptions,
  type ServerProcess,
  scratchDatabase,
  testEnvironment,
} from './server-process.ts';
import { workerBundle } from './worker-bundle.ts';
import { startWorkerd, type Workerd } from './workerd.ts';

/** The end of workerd is told as that of a process. */
export function asServer(workerd: Workerd, env: typeof testEnvironment, databaseFile: string): ServerProcess {
  const end = { code: 0, signal: null };
  let hasEnded = (): void => undefined;
  const exited = new Promise<typeof end>((resolve) => {
    hasEnded = () => resolve(end);
  });
  const stop = async () => {
    await workerd.stop();
    hasEnded();
    return end;
  };
  return {
    url: workerd.url,
    pid: 0,
    adminToken: env.ADMIN_TOKEN,
    secretKey: env.SECRET_KEY,
    databaseFile,
    output: workerd.output,
    exited,
    stop,
    kill: async () => void (await stop()),
  };
}

/** As `startServer`, on workerd; `databaseFile` names a folder beside it that holds the objects and the catalogue. */
export async function startWorker(options: ServerOptions): Promise<ServerProcess> {
  const databaseFile = options.databaseFile ?? scratchDatabase();
  const env = { ...testEnvironment, ...options.env };
  const workerd = await startWorkerd({
    bundle: workerBundle,
    folder: dirname(databaseFile),
    env,
    objects: { DROPS: 'DropObject' },
  });
  return asServer(workerd, env, databaseFile);
}
