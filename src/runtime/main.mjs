/** The entry: plain JavaScript, so that a Node that is too old can say so before it meets TypeScript or a native module. */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const isBun = process.versions.bun !== undefined;
if (!isBun && (major < 22 || (major === 22 && minor < 18))) {
  process.stderr.write(
    `Stampede needs Node 22.18 or newer; this is ${process.version}. Run it as "npm start" after "npm ci", which brings one.\n`,
  );
  process.exit(1);
}
// Names and addresses are in every file that it makes: they are for the server's user alone.
process.umask(0o077);
await import('../split/quick-imports.ts');
const { start } = await import('./start.ts');
await start({ isDevelopment: process.argv.includes('--dev') });
