/**
 * Runs tables of scenarios: one request each, its expected answer, and the proof that a refusal
 * changed nothing.
 */
import { expect, it } from 'vitest';
import { type Answer, type Call, readJson } from './client.ts';
import type { RuntimeName } from './server-process.ts';
import type { AdminDrop, Problem } from './shapes.ts';
import type { Shop } from './shop.ts';

export interface Scenario {
  name: string;
  /** Changes to the default drop of this scenario. */
  drop?: Record<string, unknown>;
  /** The runtimes whose behaviour differs by nature (docs/edge.md); all when absent. */
  isFor?: (runtime: RuntimeName) => boolean;
  /** Steps before the state is recorded. */
  before?: (shop: Shop, drop: AdminDrop) => Promise<unknown>;
  request: (drop: AdminDrop, shop: Shop) => Call | Promise<Call>;
  /** One status, or the list of those that the contract allows. */
  status: number | readonly number[];
  code?: string | readonly string[];
  /** The paths of the problem's errors: exactly these, in any order. */
  paths?: readonly string[];
  contains?: readonly string[];
  lacks?: readonly string[];
  /** True where the request changes the drop or its orders. */
  changes?: boolean;
  after?: (answer: Answer, shop: Shop, drop: AdminDrop) => Promise<unknown> | unknown;
}

/** Registers one test per scenario, each with a new drop. */
export function runScenarios(shop: Shop, scenarios: readonly Scenario[], runtime?: RuntimeName): void {
  const here = scenarios.filter(({ isFor }) => !isFor || !runtime || isFor(runtime));
  it.each(here)('$name', async (scenario) => {
    const drop = await shop.createDrop(scenario.drop);
    await scenario.before?.(shop, drop);
    const call = await scenario.request(drop, shop);
    const stateBefore = await shop.stateOf(drop.id);
    const answer = await shop.send(call);
    expectAnswer(answer, scenario);
    const stateAfter = await shop.stateOf(drop.id);
    if (scenario.changes) expect(stateAfter).not.toBe(stateBefore);
    else expect(stateAfter).toBe(stateBefore);
    await scenario.after?.(answer, shop, drop);
  });
}

/** A request that is refused and leaves the default drop as it was. */
export type RefusedRequest = Pick<Scenario, 'name' | 'request' | 'status' | 'code' | 'paths'>;

/** Registers one test per refused request, all with one drop: none may change it. */
export function runRefusals(shop: Shop, refusals: readonly RefusedRequest[]): void {
  let shared: { drop: AdminDrop; state: string } | null = null;
  const withState = async (drop: AdminDrop) => ({ drop, state: await shop.stateOf(drop.id) });
  it.each(refusals)('$name', async (refused) => {
    shared ??= await withState(await shop.createDrop());
    const { drop, state } = shared;
    expectAnswer(await shop.send(await refused.request(drop, shop)), refused);
    shared = await withState(drop);
    expect(shared.state).toBe(state);
  });
}

/** Compares an answer with the status, code, paths and content that a scenario expects. */
export function expectAnswer(
  answer: Answer,
  expected: Pick<Scenario, 'status' | 'code' | 'paths' | 'contains' | 'lacks'>,
): void {
  expect([expected.status].flat(), `status of ${answer.text.slice(0, 500)}`).toContain(answer.status);
  if (answer.status >= 400) {
    const problem = readJson<Problem>(answer);
    expect([expected.code].flat(), `code of ${answer.text}`).toContain(problem.code);
    const paths = [...new Set(problem.errors?.map((error) => error.path))];
    if (expected.paths) expect(paths.sort(), answer.text).toEqual(expected.paths.toSorted());
  }
  for (const part of expected.contains ?? []) expect(answer.text).toContain(part);
  for (const part of expected.lacks ?? []) expect(answer.text).not.toContain(part);
}
