/** GET /livez, /readyz and /version: liveness, readiness and version. */
import type { Deps } from './deps.ts';
import * as health from './health-answers.ts';
import { json } from './json.ts';
import { publicOperations } from './operation.ts';
import { publicRoutes } from './public-routes.ts';

export const healthOperations = publicOperations([
  {
    id: 'isAlive',
    method: 'get',
    path: '/livez',
    tag: 'Health',
    summary: 'Liveness check',
    access: 'public',
    answers: [{ status: 200, description: 'The process is running.', schema: health.live }],
    refusals: [],
  },
  {
    id: 'isReady',
    method: 'get',
    path: '/readyz',
    tag: 'Health',
    summary: 'Readiness check',
    access: 'public',
    answers: [
      { status: 200, description: 'The server accepts orders.', schema: health.ready },
      { status: 503, description: 'The server does not accept orders.', schema: health.ready },
    ],
    refusals: [],
  },
  {
    id: 'getVersion',
    method: 'get',
    path: '/version',
    tag: 'Health',
    summary: 'Get the server’s version and runtime',
    access: 'public',
    answers: [{ status: 200, description: 'Version and runtime.', schema: health.versionAnswer }],
    refusals: [],
  },
]);

export function healthRoutes({ db, version, runtime, isStopping }: Deps) {
  return publicRoutes(healthOperations, {
    isAlive: () => json({ status: 'ok' }),
    isReady() {
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
    },
    getVersion: () => json({ version, runtime }),
  });
}
