/** The single executable: the command `stampede`, or the server alone, without `.env`, as a rehearsal runs it. */
if (process.argv[2] === 'rehearsed-server') await import('./main.mjs');
else await import('./stampede.mjs');
