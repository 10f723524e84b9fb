/** A server with Stripe and payOS as providers, both on loopback. */
import { afterAll, beforeAll } from 'vitest';
import { expectCleanEnd } from './contract-server.ts';
import { LoopbackPayos } from './loopback-payos.ts';
import { LoopbackStripe } from './loopback-stripe.ts';
import { payosSettings, stripeSettings } from './provider-settings.ts';
import { type RuntimeName, startServer } from './server-process.ts';
import { Shop } from './shop.ts';

/** Registers the start and the end of all three around the tests of the current `describe`. */
export function useTwoProviders(runtime: RuntimeName) {
  const shop = new Shop();
  const [stripe, payos] = [new LoopbackStripe(), new LoopbackPayos()];
  beforeAll(async () => {
    await Promise.all([stripe.listen(), payos.listen()]);
    const env = { PAYMENT_PROVIDERS: 'stripe,payos', ...stripeSettings(stripe), ...payosSettings(payos) };
    shop.open(await startServer({ runtime, env }));
  });
  afterAll(async () => {
    await expectCleanEnd(shop.server, shop.tokens);
    await Promise.all([stripe.close(), payos.close()]);
  });
  return { shop, stripe, payos };
}
