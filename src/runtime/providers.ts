/** Makes the payment providers that the configuration names. */
import type { Config } from '../config.ts';
import { PROVIDER_TIMEOUT_MS } from '../limits.ts';
import { createPayosProvider } from '../payments/payos.ts';
import type { PaymentProvider } from '../payments/provider.ts';
import { createSandbox, type SandboxProvider } from '../payments/sandbox.ts';
import { createStripeProvider } from '../payments/stripe.ts';

export interface Providers {
  /** By name, in the order of the configuration. */
  providers: ReadonlyMap<string, PaymentProvider>;
  sandbox: SandboxProvider | null;
}

export function createProviders(config: Config, publicUrl: () => string): Providers {
  const timeoutMs = PROVIDER_TIMEOUT_MS;
  const sandbox = config.paymentProviders.includes('sandbox')
    ? createSandbox(config.secretKey, publicUrl)
    : null;
  const made = config.paymentProviders.map((name): PaymentProvider => {
    if (name === 'stripe') return createStripeProvider({ ...config.stripe, timeoutMs });
    if (name === 'payos') return createPayosProvider({ ...config.payos, timeoutMs });
    return sandbox ?? createSandbox(config.secretKey, publicUrl);
  });
  return { providers: new Map(made.map((provider) => [provider.name, provider])), sandbox };
}
