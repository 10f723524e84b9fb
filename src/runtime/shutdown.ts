/** Ends the process: gracefully on a signal, at once on a second one. */
import type { Log } from '../log.ts';

const signals = { SIGINT: 130, SIGTERM: 143 } as const;

/**
 * Runs `stop` on the first signal and exits with 0, or 1 if it failed; a second signal exits at
 * once.
 */
export function stopOnSignal(stop: () => Promise<void>, log: Log): void {
  let isStopping = false;
  for (const [signal, exitCode] of Object.entries(signals)) {
    process.on(signal, () => {
      if (isStopping) process.exit(exitCode);
      isStopping = true;
      log.info({ signal }, 'stopping');
      stop().then(
        () => {
          log.info({}, 'stopped');
          process.exit(0);
        },
        (error: unknown) => {
          log.error({ error: String(error) }, 'the shutdown failed');
          process.exit(1);
        },
      );
    });
  }
}
