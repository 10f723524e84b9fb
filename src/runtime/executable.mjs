/**
 * The single executable: the command `stampede`; or only the server, without `.env`, for a load
 * test.
 */
if (process.argv[2] === 'load-tested-server') await import('./main.mjs');
else await import('./stampede.mjs');
