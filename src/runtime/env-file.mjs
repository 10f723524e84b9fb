/** Reads `.env` of the working folder before a script of package.json starts; variables that are set already win. */
import { existsSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

// Not `--env-file-if-exists`: Bun ignores it in the place of Node, and Node prints a line where there is no such file.
if (isMainThread && existsSync('.env')) process.loadEnvFile('.env');
