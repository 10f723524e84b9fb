/** Makes the payment providers that the configuration names. */
import type { Config } from '../config.ts';
import { PROVIDER_TIMEOUT_MS } from '../limits.ts';
import type { PaymentProvider } from '../payments/provider.ts';
import { createSandbox, type SandboxProvider } from '../payments/sandbox.ts';

export interface Providers {
  /** By name, in the order of the configuration. */
  providers: ReadonlyMap<string, PaymentProvider>;
  sandbox: SandboxProvider | null;
}

/** An SDK is loaded where it is named: Stripe's has 200 files. */
async function createProvider(name: 'stripe' | 'payos', config: Config): Promise<PaymentProvider> {
  const timeoutMs = PROVIDER_TIMEOUT_MS;
  if (name === 'stripe') {
    const { createStripeProvider } = await import('../payments/stripe.ts');
    return createStripeProvider({ ...config.stripe, timeoutMs });
  }
  const { createPayosProvider } = await import('../payments/payos.ts');
  return createPayosProvider({ ...config.payos, timeoutMs });
}

export async function createProviders(config: Config, publicUrl: () => string): Promise<Providers> {
  const providers = new Map<string, PaymentProvider>();
  let sandbox: SandboxProvider | null = null;
  for (const name of config.paymentProviders) {
    if (name === 'sandbox') sandbox = createSandbox(config.secretKey, publicUrl);
    const provider = name === 'sandbox' ? sandbox : await createProvider(name, config);
    if (provider) providers.set(name, provider);
  }
  return { providers, sandbox };
}
