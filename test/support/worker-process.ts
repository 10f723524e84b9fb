/** The Worker in workerd, with the interface of a server process. */
import { dirname } from 'node:path';
import {
  type ServerOptions,
  type ServerProcess,
  scratchDatabase,
  testEnvironment,
} from './server-process.ts';
import { workerBundle } from './worker-bundle.ts';
import { startWorkerd, type Workerd } from './workerd.ts';

/**
 * workerd has no graceful end. Stopping a running one counts as a clean end; any other end is
 * reported as it was.
 */
export function asServer(workerd: Workerd, env: typeof testEnvironment, databaseFile: string): ServerProcess {
  let isStopped = false;
  const exited = workerd.exited.then((end) => {
    const isExpected = isStopped && end.signal === 'SIGKILL';
    return isExpected ? { code: 0, signal: null } : end;
  });
  const stop = async () => {
    isStopped = true;
    await workerd.stop();
    return exited;
  };
  return {
    url: workerd.url,
    pid: workerd.pid,
    adminToken: env.ADMIN_TOKEN,
    secretKey: env.SECRET_KEY,
    databaseFile,
    output: workerd.output,
    exited,
    stop,
    kill: async () => void (await stop()),
  };
}

/** Starts like `startServer`, on workerd; `databaseFile` names a folder for all its state. */
export async function startWorker(options: ServerOptions): Promise<ServerProcess> {
  const databaseFile = options.databaseFile ?? scratchDatabase();
  const env = { ...testEnvironment, ...options.env };
  const workerd = await startWorkerd({
    bundle: await workerBundle(),
    folder: dirname(databaseFile),
    env,
    objects: { DROPS: 'DropObject', RELAYS: 'DropRelay' },
  });
  return asServer(workerd, env, databaseFile);
}
