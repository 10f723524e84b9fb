/** GET /livez, /readyz, /version and /metrics: whether the process lives, whether it takes orders, what it is and does. */
import { Hono } from 'hono';
import type { Deps } from './deps.ts';
import { json } from './json.ts';
import { metricsText } from './metrics.ts';

export function healthRoutes({ store, version, runtime, isStopping }: Deps) {
  return new Hono()
    .get('/livez', () => json({ status: 'ok' }))
    .get('/readyz', () => {
      const { isReady, ...status } = store.status();
      const isOpen = isReady && !isStopping();
      return json(
        {
          status: isOpen ? 'ready' : 'not_ready',
          ...status,
          ...(status.synchronous === 'NORMAL' && {
            warning: 'SYNCHRONOUS=NORMAL: an acknowledged order can be lost when the power fails.',
          }),
        },
        isOpen ? 200 : 503,
      );
    })
    .get(
      '/metrics',
      () =>
        new Response(metricsText(store.status()), {
          headers: {
            'content-type': 'text/plain; version=0.0.4; charset=utf-8',
            'cache-control': 'no-store',
          },
        }),
    )
    .get('/version', () => json({ version, runtime }));
}
