/** Ports: whether several sockets can have one, and whether anybody has it. */
import { once } from 'node:events';
import { createServer, type ListenOptions, type Server } from 'node:net';

/** What it depends on, as `process` has it. */
export interface PortSharing {
  versions: { node: string; bun?: string | undefined };
  platform: string;
}

/** Whether several sockets can listen on one port in a process like this one. */
export function canSharePort({ versions, platform }: PortSharing): boolean {
  // Node has it since 22.12 and 23.1, and we ask for 22.18. Other systems refuse it, or do not deal the connections out.
  return platform === 'linux' && (versions.bun !== undefined || !versions.node.startsWith('23.0.'));
}

/** Where it listens; rejects with the system's error. */
export async function listenOn(
  server: Server,
  options: ListenOptions,
): Promise<{ host: string; port: number }> {
  server.listen(options);
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('A server of HTTP listens on a port.');
  return { host: address.address, port: address.port };
}

export const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => server.close(() => resolve()));

/** Rejects where any other program has the port: sockets that may share one would share it with that program too. */
export async function expectFree(options: { host: string; port: number }): Promise<void> {
  const probe = createServer();
  await listenOn(probe, options);
  await closed(probe);
}
