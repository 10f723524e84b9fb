/** Stubs of objects, with jurisdictions that workerd lacks and failures that a test switches on. */
import { shardOf } from '../../../src/domain/shard.ts';
import { faults, seen } from './switched-on.ts';
import { withJurisdictions } from './with-jurisdictions.ts';

/** Bindings that the test's own configuration adds. */
export type TestEnv = Env & {
  SCRATCH: DurableObjectNamespace;
  DROPS_EU: Env['DROPS'];
  /** If set, the queue's messages survive the end of workerd. */
  KEPT_QUEUE?: string;
};

/** Stubs of objects whose failures can be marked. */
const withMarks = (objects: Env['DROPS']): Env['DROPS'] =>
  new Proxy(objects, {
    get(target, name) {
      const found: unknown = Reflect.get(target, name);
      if (name !== 'getByName') return typeof found === 'function' ? found.bind(target) : found;
      return (shardId: string, options?: DurableObjectNamespaceGetDurableObjectOptions) =>
        new Proxy(target.getByName(shardId, options), {
          get(stub, method) {
            const value: unknown = Reflect.get(stub, method);
            if (typeof value !== 'function') return value;
            return async (...asked: unknown[]) => {
              try {
                return await Reflect.apply(value, stub, asked);
              } catch (error) {
                throw faults.failuresAreRetryable
                  ? Object.assign(error as Error, { retryable: true })
                  : error;
              }
            };
          },
        });
    },
  });

const dropsOf = (env: TestEnv): Env['DROPS'] =>
  withJurisdictions(withMarks(env.DROPS), env.DROPS_EU, (hint) => seen.hints.push(hint));

/** Relays of the EU use the same namespace here: they store nothing. */
export const withShardIds = (env: TestEnv): TestEnv => ({
  ...env,
  DROPS: dropsOf(env),
  RELAYS: withJurisdictions(env.RELAYS, env.RELAYS, () => undefined),
});

/** Objects as a relay sees them: workerd evicts none whose method threw, so the stub throws. */
export const withShardsAway = (objects: Env['DROPS']): Env['DROPS'] =>
  new Proxy(objects, {
    get(target, name) {
      if (name !== 'getByName') return Reflect.get(target, name);
      return (shardId: string) => {
        if (faults.shardsAway.includes(shardOf(Number(shardId)))) throw new Error('The shard is away.');
        return target.getByName(shardId);
      };
    },
  });
