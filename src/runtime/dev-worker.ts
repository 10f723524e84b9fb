/**
 * `npm run dev:worker`: serves the Worker locally in workerd, offline, with a sample drop; passes
 * arguments to wrangler.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';
import { sampleRequest, whatToTry } from './sample.ts';

const secretsFile = '.dev.vars';
const readyWithinMs = 60_000;
const pollMs = 100;
// The package exports no path to its command.
const wrangler = fileURLToPath(new URL('../../node_modules/wrangler/bin/wrangler.js', import.meta.url));
const args = process.argv.slice(2);
const isPort = (argument: string): boolean => argument.startsWith('--port');
/** PORT applies where no argument sets the port. */
const given = process.env.PORT && !args.some(isPort) ? [...args, '--port', process.env.PORT] : args;

/** Returns the value of a wrangler flag, as `--port 8787` or `--port=8787`. */
function flag(name: string): string | undefined {
  const index = given.findIndex((argument) => argument === name || argument.startsWith(`${name}=`));
  return index === -1 ? undefined : (given[index]?.split('=')[1] ?? given[index + 1]);
}

/** Reads the development secrets; creates them once, because order ids depend on them. */
function readSecrets(): Record<string, string | undefined> {
  if (!existsSync(secretsFile)) {
    const secrets = [
      `SECRET_KEY=${randomBytes(32).toString('hex')}`,
      `ADMIN_TOKEN=${randomBytes(24).toString('base64url')}`,
      'PAYMENT_PROVIDERS=sandbox',
    ];
    writeFileSync(secretsFile, `${secrets.join('\n')}\n`, { mode: 0o600, flag: 'wx' });
  }
  const variables = given.flatMap((argument, index) =>
    argument === '--var' ? [given[index + 1] ?? ''] : [],
  );
  const named = variables.map((variable) => variable.split(/:(.*)/s).slice(0, 2) as [string, string]);
  return { ...parseEnv(readFileSync(secretsFile, 'utf8')), ...Object.fromEntries(named) };
}

const env = { ...process.env, WRANGLER_SEND_METRICS: 'false' };

async function migrateCatalogue(): Promise<void> {
  const folder = flag('--persist-to');
  const args = ['d1', 'migrations', 'apply', 'CATALOGUE', '--local'];
  if (folder !== undefined) args.push('--persist-to', folder);
  // With CI set, wrangler asks for no confirmation.
  const child = spawn(process.execPath, [wrangler, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...env, CI: 'true' },
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [code] = await once(child, 'exit');
  if (code === 0) return;
  process.stderr.write(said);
  process.exit(1);
}

/** Creates the sample drop through the API if there is no drop yet. */
async function openShop(url: string, token: string): Promise<void> {
  const deadlineMs = performance.now() + readyWithinMs;
  for (;;) {
    const isUp = await fetch(`${url}/livez`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) break;
    if (performance.now() > deadlineMs) return;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  const { drops } = (await (await fetch(`${url}/drops`)).json()) as { drops: { slug: string }[] };
  if (drops.length === 0) {
    await fetch(`${url}/admin/drops`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(sampleRequest(Date.now())),
    });
  }
  process.stdout.write(`${whatToTry(url, secretsFile)}\n`);
}

const secrets = readSecrets();
await migrateCatalogue();
const server = spawn(process.execPath, [wrangler, 'dev', ...given], { stdio: 'inherit', env });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => server.kill(signal));
server.on('exit', (code) => process.exit(code ?? 0));
await openShop(`http://localhost:${flag('--port') ?? '8787'}`, secrets.ADMIN_TOKEN ?? '');
