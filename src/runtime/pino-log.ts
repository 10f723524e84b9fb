/** The log of Node and Bun: one JSON line per message on standard output. */
import { pino } from 'pino';
import type { Config } from '../config/config.ts';
import type { Log } from '../log.ts';

/** Creates a log that writes synchronously, so that the last line before an exit is not lost. */
export const createPinoLog = (level: Config['logLevel']): Log =>
  pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    pino.destination({ fd: 1, sync: true }),
  );
