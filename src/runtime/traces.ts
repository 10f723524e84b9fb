/** Opens traces if they are configured; otherwise loads none of their code. */
import packageJson from '../../package.json' with { type: 'json' };
import type { Config } from '../config/config.ts';

export async function openTraces({ traces }: Config) {
  if (!traces) return null;
  const { sendTraces } = await import('./otlp-trace.ts');
  return sendTraces({ ...traces, version: packageJson.version });
}
