/** `npm start` and `npm run dev`: the server as a process of its own. */
import { pathToFileURL } from 'node:url';
import './node-version.mjs';
import { bundledStart } from './bundle.mjs';

// Every file contains personal data, so only the server's user may read them.
process.umask(0o077);
const isDevelopment = process.argv.includes('--dev');
// In development stack traces name the sources.
const bundled = isDevelopment ? null : bundledStart();
if (bundled === null) await import('../split/workarounds/quick-imports.ts');
/** @type {typeof import('./start.ts')} */
const { start } = await (bundled === null ? import('./start.ts') : import(pathToFileURL(bundled).href));
await start({ isDevelopment });
