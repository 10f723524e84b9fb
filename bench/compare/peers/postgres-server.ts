/** A PostgreSQL server in a new folder, with its default settings, on a Unix socket only. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** User id of the system's unprivileged user: PostgreSQL refuses to run as root. */
const nobody = 65_534;
const isRoot = process.getuid?.() === 0;
const owner = isRoot ? { uid: nobody, gid: nobody } : {};
const startDeadlineMs = 20_000;

export interface PostgresServer {
  socketFolder: string;
  pid: number;
  stop(): Promise<unknown>;
}

/** Starts the server; rejects with its output if it does not start. */
export async function startPostgres(folder: string): Promise<PostgresServer> {
  const data = join(folder, 'data');
  mkdirSync(data);
  // The unprivileged user must be able to reach its folder.
  for (const above of [folder, join(folder, '..')]) chmodSync(above, 0o755);
  if (isRoot) for (const path of [folder, data]) chownSync(path, nobody, nobody);
  execFileSync('initdb', ['-D', data, '-U', 'bench', '-A', 'trust', '--no-sync'], {
    stdio: 'ignore',
    cwd: folder,
    ...owner,
  });
  const child = spawn('postgres', ['-D', data, '-k', folder, '-c', 'listen_addresses='], {
    stdio: ['ignore', 'ignore', 'pipe'],
    cwd: folder,
    ...owner,
  });
  let printed = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  const exited = once(child, 'exit');
  const deadline = Date.now() + startDeadlineMs;
  while (!printed.includes('ready to accept connections') || !existsSync(join(folder, '.s.PGSQL.5432'))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGQUIT');
      throw new Error(`PostgreSQL did not start. It printed:\n${printed}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    socketFolder: folder,
    pid: child.pid ?? 0,
    stop: () => {
      // Fast shutdown.
      child.kill('SIGINT');
      return exited;
    },
  };
}
