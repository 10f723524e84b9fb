/** GET /livez, /readyz and /version: liveness, readiness and version. */
import { Hono } from 'hono';
import type { Deps } from './deps.ts';
import { json } from './json.ts';

export function healthRoutes({ db, version, runtime, isStopping }: Deps) {
  return new Hono()
    .get('/livez', () => json({ status: 'ok' }))
    .get('/readyz', () => {
      const { isReady, ...status } = db.status();
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
    .get('/version', () => json({ version, runtime }));
}
