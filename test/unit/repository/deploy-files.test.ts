/** The files in deploy/ let the server write where the documentation says, and not into tmpfs. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { scratchFolder } from '../../support/scratch-folder.ts';
import { root } from '../../support/server-process.ts';

const textOf = (name: string): string => readFileSync(join(root, name), 'utf8');
const valuesOf = (text: string, key: RegExp): string[] =>
  [...text.matchAll(key)].map(([, value]) => value ?? '');
const isBelow = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`);

test('the systemd unit may write every backup folder that the documentation names', () => {
  const unit = textOf('deploy/stampede.service');
  const writable = [
    ...valuesOf(unit, /^ReadWritePaths=-(\S+)$/gm),
    ...valuesOf(unit, /^StateDirectory=(\S+)$/gm).map((name) => `/var/lib/${name}`),
  ];
  const folders = ['.env.example', 'docs/operations.md', 'README.md'].flatMap((name) =>
    valuesOf(textOf(name), /(?:BACKUP_DIR=|--dir )(\/[^\s`]+)/g),
  );
  expect(folders.length).toBeGreaterThan(1);
  expect(folders.filter((folder) => !writable.some((path) => isBelow(folder, path)))).toEqual([]);
  const written = valuesOf(unit, /^Environment=(?:DATABASE_FILE|SQLITE_TMPDIR)=(\S+)$/gm);
  expect(written).toHaveLength(2);
  for (const path of written) expect(writable.some((folder) => isBelow(path, folder))).toBe(true);
});

test('a container keeps temporary copies of the database on the volume of the database', () => {
  const image = textOf('deploy/Dockerfile');
  const volumes = valuesOf(image, /^VOLUME (\S+)$/gm);
  expect(volumes).toHaveLength(2);
  expect(new Set(volumes).size).toBe(1);
  const [volume = '-'] = volumes;
  const [database = '', ...others] = valuesOf(image, /DATABASE_FILE=(\S+)/g);
  expect(others).toEqual([database]);
  const [temporary = ''] = valuesOf(image, /SQLITE_TMPDIR=(\S+)/g);
  expect(valuesOf(image, /(?:SQLITE|BUN)_TMPDIR=(\S+)/g)).toEqual([temporary, temporary, temporary]);
  expect(isBelow(database, volume)).toBe(true);
  expect(isBelow(temporary, volume)).toBe(true);
  expect(temporary).toBe(dirname(database));
  expect(valuesOf(textOf('deploy/compose.yaml'), /stampede-data:(\S+)/g)).toContain(volume);
});

/** Sorts more than the cache holds, and prints SQLite's open temporary files. */
const spill = `
  const Database = require('better-sqlite3');
  const { readdirSync, readlinkSync } = require('node:fs');
  const database = new Database(process.argv[1]);
  database.pragma('temp.cache_size = 10');
  database.exec('create temp table t as with recursive n(i) as (select 1 union all select i + 1 from n where i < 9999)' +
    ' select i, hex(randomblob(100)) as text from n');
  for (const fd of readdirSync('/proc/self/fd')) {
    try { console.log(readlinkSync('/proc/self/fd/' + fd)); } catch {}
  }`;

test.runIf(process.platform === 'linux')('SQLite creates its temporary files in SQLITE_TMPDIR', () => {
  const folder = realpathSync(scratchFolder());
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', spill, join(folder, 'drop.db')], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, SQLITE_TMPDIR: folder },
  });
  const open = stdout.split('\n').filter((path) => path.startsWith(`${folder}/`));
  // It has no name: nothing is left when the process ends.
  expect(open, stderr).toContainEqual(expect.stringMatching(/ \(deleted\)$/));
  expect(readdirSync(folder)).toEqual(['drop.db']);
});
