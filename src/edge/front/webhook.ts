/** Webhooks in the Worker in front: verified, and forwarded to the shard of the payment. */
import { UNCLAIMED } from '../../domain/shard.ts';
import { json, readText } from '../../http/json.ts';
import { answerIgnored } from '../../http/payments.ts';
import type { Log } from '../../log.ts';
import { edgeClock as clock } from '../clock.ts';
import type { Forwarding } from './forwarding.ts';
import type { FrontContext } from './operator-routes.ts';
import { PaymentShardIds } from './payment-shards.ts';

export function createWebhook({ ids, objects, frontApp, answerHere, find, forwardTo }: Forwarding, log: Log) {
  const paymentShardIds = new PaymentShardIds(ids, log);
  return async (c: FrontContext): Promise<Response> => {
    const provider = frontApp.providers.get(c.req.param('provider') ?? '');
    if (!provider) return answerHere(c, c.req.raw);
    const text = await readText(c.req.raw);
    if (text instanceof Response) return text;
    const request = new Request(c.req.raw, { body: text });
    const reading = await provider.readWebhook(text, c.req.raw.headers, clock.now());
    if (reading.kind === 'ignored') return answerIgnored(reading, provider, log);
    if (reading.kind !== 'event' && reading.kind !== 'movements') return answerHere(c, request);
    const shardId = await paymentShardIds.of(reading, provider, async (at) => (await find(c, at)) !== null);
    if (shardId === null) return json({ received: true, effect: 'none' });
    if (shardId === UNCLAIMED) await objects.call(UNCLAIMED, (stub) => stub.open(UNCLAIMED), true);
    return forwardTo(shardId, request);
  };
}
