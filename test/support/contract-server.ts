/** One server process per test file and runtime; its exit code, log and database are checked. */
import { existsSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { auditFile } from '../../src/database/sqlite/file-rows.ts';
import { expectNothingPersonal, readJson } from './client.ts';
import { type RuntimeName, type ServerProcess, startServer } from './server-process.ts';
import { Shop } from './shop.ts';
import { isAfterQuick, sized } from './suite.ts';

const nodeAnd = (after: RuntimeName[]): readonly RuntimeName[] =>
  sized(isAfterQuick ? after : ['node', ...after], ['node']);
/** The runtimes of the contract tests. The quick suite runs them on Node only. */
export const runtimes = nodeAnd(['bun', 'workerd']);
/** The runtimes with one process and one file, for features that Workers lack. */
export const machines = nodeAnd(['bun']);

/**
 * Registers a test of a feature that only Node and Bun have; elsewhere it registers nothing, so
 * nothing is skipped.
 */
export const onlyOnMachines =
  (runtime: RuntimeName) =>
  (name: string, run: () => void | Promise<void>): void => {
    if (machines.includes(runtime)) test(name, run);
  };

/**
 * Registers the start and the stop of a server around the tests of the current `describe`.
 * `mayFind` matches audit findings that its tests cause by writing to the file from another
 * program.
 */
export function useServer(runtime: RuntimeName, env: Record<string, string> = {}, mayFind?: RegExp): Shop {
  const shop = new Shop();
  beforeAll(async () => shop.open(await startServer({ runtime, env })));
  afterAll(async () => {
    if (runtime === 'workerd') expect(await findingsOf(shop)).toEqual([]);
    await expectCleanEnd(shop.server, shop.tokens, mayFind);
    // After a failure the folder stays, for inspection.
    rmSync(dirname(shop.server.databaseFile), { recursive: true });
  });
  return shop;
}

/** Stops the shop's server gracefully and starts another on the same file. */
export async function restart(shop: Shop, runtime: RuntimeName): Promise<void> {
  const { databaseFile } = shop.server;
  await expectCleanEnd(shop.server, shop.tokens);
  shop.open(await startServer({ runtime, databaseFile }));
}

/** The findings of all drops' certificates that an operator sees. */
async function findingsOf(shop: Shop): Promise<unknown[]> {
  const { drops } = readJson<{ drops: { id: string }[] }>(await shop.admin({ path: '/admin/drops' }));
  const certificates = [];
  for (const { id } of drops) certificates.push(await shop.admin({ path: `/admin/drops/${id}/audit` }));
  return certificates.flatMap((one) => readJson<{ violations: unknown[] }>(one).violations);
}

/**
 * Stops the server and expects exit code 0, a file without audit findings, and a log without
 * errors, personal data and secrets.
 */
export async function expectCleanEnd(
  server: ServerProcess,
  tokens: readonly string[] = [],
  mayFind?: RegExp,
): Promise<void> {
  const end = await server.stop();
  const output = server.output();
  expect(end, output.slice(-2_000)).toEqual({ code: 0, signal: null });
  // workerd has no such file: its drops are audited over HTTP before the stop.
  if (existsSync(server.databaseFile)) {
    const findings = auditFile(server.databaseFile).filter((finding) => mayFind?.test(finding) !== true);
    expect(findings).toEqual([]);
  }
  expect(output.split('\n').filter((line) => /"level":(50|60|"error"|"fatal")/.test(line))).toEqual([]);
  expectNothingPersonal(output);
  for (const secret of [server.adminToken, server.secretKey, ...tokens]) expect(output).not.toContain(secret);
}
