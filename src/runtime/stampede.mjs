#!/usr/bin/env node
/**
 * The command `stampede` of the package: reads `.env` of the working folder, then runs a server or
 * a command.
 */
import './node-version.mjs';
import './env-file.mjs';

await import('../cli/main.ts');
