/** The log of a Worker: one JSON line per message on the console, which the platform collects. */
import type { Config } from '../config/config.ts';
import type { Log } from '../log.ts';

const levels = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export function createEdgeLog(lowest: Config['logLevel']): Log {
  const write =
    (level: 'debug' | 'info' | 'warn' | 'error'): Log['info'] =>
    (fields, msg) => {
      if (levels.indexOf(level) < levels.indexOf(lowest)) return;
      // biome-ignore lint/suspicious/noConsole: the console is the log of a Worker.
      console[level](JSON.stringify({ level, time: new Date().toISOString(), ...fields, msg }));
    };
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
}
