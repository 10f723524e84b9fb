/** `npm start` and `npm run dev`: the server as a process of its own. */
import './node-version.mjs';

// Every file contains personal data, so only the server's user may read them.
process.umask(0o077);
await import('../split/workarounds/quick-imports.ts');
const { start } = await import('./start.ts');
await start({ isDevelopment: process.argv.includes('--dev') });
