/**
 * Ends the process with one clear line on an old Node. Plain JavaScript, so that old Node can parse
 * it.
 */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const isBun = process.versions.bun !== undefined;
if (!isBun && (major < 22 || (major === 22 && minor < 18))) {
  process.stderr.write(
    `Stampede needs Node 22.18 or newer; this is ${process.version}. In a checkout, "npm start" after "npm ci" brings one.\n`,
  );
  process.exit(1);
}
