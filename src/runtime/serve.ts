/** Serves a shop on HOST and PORT, with the main thread and HTTP_THREADS - 1 more. */
import type { Config } from '../config/config.ts';
import type { OwnDatabase } from '../database/sqlite/open-database.ts';
import { STOP_REQUESTS_DEADLINE_MS } from '../limits.ts';
import type { HttpServer } from './http-server.ts';
import { startHttpThreads } from './http-threads.ts';
import type { SharedLimits } from './shared-key-times.ts';

export interface Service {
  /** The origin that it listens on. */
  url: string;
  notifyStopping(): void;
  /** Resolves once every accepted request is answered, or cut off after a deadline. */
  stop(): Promise<void>;
}

export const originOf = (host: string, port: number): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

/** Calls `onFault` if a thread fails later. Rejects if it can't listen on the port. */
export async function serve(
  server: HttpServer,
  db: OwnDatabase,
  config: Config,
  sharedLimits: SharedLimits,
  onFault: (reason: string) => void,
): Promise<Service> {
  const { host, port, httpThreads, publicUrl } = config;
  try {
    const listener = await server.listen({ port, thread: httpThreads > 1 ? 'first' : 'only' });
    const url = originOf(host, listener.port);
    const links = Array.from({ length: httpThreads - 1 }, () => db.link());
    const settings = { config, port: listener.port, publicUrl: publicUrl ?? url, sharedLimits };
    const threads = await startHttpThreads(links, settings, onFault);
    return {
      url,
      notifyStopping: () => threads.notifyStopping(),
      async stop() {
        await Promise.all([listener.stop(STOP_REQUESTS_DEADLINE_MS), threads.stop()]);
      },
    };
  } catch (error) {
    const reason = error instanceof Error ? error.message : error;
    throw new Error(`The server can't listen on PORT ${port} of ${host}: ${reason}`);
  }
}
