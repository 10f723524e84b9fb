/** Ports: whether several sockets can share one, and whether a port is free. */
import { once } from 'node:events';
import { createServer, type ListenOptions, type Server } from 'node:net';

/** The part of `process` that it depends on. */
export interface PortSharing {
  versions: { node: string; bun?: string | undefined };
  platform: string;
}

/** Whether several sockets of this process can listen on one port. */
export function canSharePort({ versions, platform }: PortSharing): boolean {
  // Supported by Node since 22.12 and 23.1 (22.18 is required). Other systems refuse it, or do not
  // distribute connections.
  return platform === 'linux' && (versions.bun !== undefined || !versions.node.startsWith('23.0.'));
}

/** One for each of two threads, one for the writer, one for the kernel and the collectors. */
const CORES_FOR_TWO = 4;

/**
 * The number of threads for HTTP_THREADS=auto. Two on Node, where the HTTP thread is the limit, if
 * there are cores for them; one on Bun, where a second one made no difference.
 */
export const autoHttpThreads = (runtime: PortSharing, cores: number): number =>
  runtime.versions.bun === undefined && canSharePort(runtime) && cores >= CORES_FOR_TWO ? 2 : 1;

/** Resolves with the bound address; rejects with the system's error. */
export async function listenOn(
  server: Server,
  options: ListenOptions,
): Promise<{ host: string; port: number }> {
  server.listen(options);
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('The HTTP server has no port.');
  return { host: address.address, port: address.port };
}

export const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => server.close(() => resolve()));

/**
 * Rejects if another program has the port: sockets with reusePort would share it with that program.
 */
export async function expectFree(options: { host: string; port: number }): Promise<void> {
  const probe = createServer();
  await listenOn(probe, options);
  await closed(probe);
}
