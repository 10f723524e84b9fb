/** The log of Node and Bun: one JSON line for each message on standard output. */
import { pino } from 'pino';
import type { Config } from '../config/config.ts';
import type { Log } from '../log.ts';

/** Written synchronously: the last line before an end is the one that is needed. */
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
