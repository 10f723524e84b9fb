/**
 * Reads `.env` of the working folder before a script of package.json starts; existing variables
 * win.
 */
import { existsSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

// Not `--env-file-if-exists`: Bun ignores it, and Node prints a line if there is no such file.
if (isMainThread && existsSync('.env')) process.loadEnvFile('.env');
