/** The deployed relay with counters, and with shards that it can't read. */
import { DropRelay as RealDropRelay } from '../../../src/edge/worker.ts';
import { type TestEnv, withShardIds, withShardsAway } from './object-ways.ts';
import { seen } from './switched-on.ts';

export class DropRelay extends RealDropRelay {
  constructor(state: DurableObjectState, env: TestEnv) {
    super(state, { ...env, DROPS: withShardsAway(withShardIds(env).DROPS) });
  }

  override lease(...asked: Parameters<RealDropRelay['lease']>): ReturnType<RealDropRelay['lease']> {
    seen.relayReads += 1;
    return super.lease(...asked);
  }

  override report(...reported: Parameters<RealDropRelay['report']>): ReturnType<RealDropRelay['report']> {
    seen.shardReports += 1;
    return super.report(...reported);
  }
}
