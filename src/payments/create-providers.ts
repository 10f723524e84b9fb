/** Creates the configured payment providers. */
import type { ProviderName } from '../domain/provider.ts';
import { PROVIDER_TIMEOUT_MS } from '../limits.ts';
import type { ReadMark } from './mark.ts';
import type { PayosSettings } from './payos.ts';
import { type PaymentProvider, ProviderError } from './provider.ts';
import { createSandbox, type SandboxProvider } from './sandbox.ts';
import type { StripeSettings } from './stripe.ts';

export interface Providers {
  /** By name, in the order of the configuration. */
  providers: ReadonlyMap<string, PaymentProvider>;
  sandbox: SandboxProvider | null;
}

/** The part of the configuration that they need. */
interface ProviderSettings {
  paymentProviders: readonly ProviderName[];
  secretKey: string;
  stripe: Omit<StripeSettings, 'timeoutMs' | 'readMark'>;
  payos: Omit<PayosSettings, 'timeoutMs' | 'readMark'>;
}

/** Returns null if there is no mark. */
type ReadDeploymentMark = () => Promise<string> | string | null;

/** Creates a provider. SDKs are loaded on demand: Stripe's has 200 files. */
async function createProvider(
  name: Exclude<ProviderName, 'sandbox'>,
  config: ProviderSettings,
  mark: ReadDeploymentMark,
): Promise<PaymentProvider> {
  const timeoutMs = PROVIDER_TIMEOUT_MS;
  const readMark: ReadMark = async () => {
    const found = await Promise.try(mark).catch(() => null);
    if (found === null) throw new ProviderError(name, 'mark_unknown');
    return found;
  };
  if (name === 'stripe') {
    const { createStripeProvider } = await import('./stripe.ts');
    return createStripeProvider({ ...config.stripe, timeoutMs, readMark });
  }
  const { createPayosProvider } = await import('./payos.ts');
  return createPayosProvider({ ...config.payos, timeoutMs, readMark });
}

export async function createProviders(
  config: ProviderSettings,
  publicUrl: () => string,
  mark: ReadDeploymentMark,
): Promise<Providers> {
  const providers = new Map<string, PaymentProvider>();
  let sandbox: SandboxProvider | null = null;
  for (const name of config.paymentProviders) {
    if (name === 'sandbox') sandbox = createSandbox(config.secretKey, publicUrl);
    const provider = name === 'sandbox' ? sandbox : await createProvider(name, config, mark);
    if (provider) providers.set(name, provider);
  }
  return { providers, sandbox };
}
