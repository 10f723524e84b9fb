/** `npm start` and `npm run dev`: the server as the process's own program. */
import './node-version.mjs';

// Names and addresses are in every file that it makes: they are for the server's user alone.
process.umask(0o077);
await import('../split/quick-imports.ts');
const { start } = await import('./start.ts');
await start({ isDevelopment: process.argv.includes('--dev') });
