/** A folder on a disk that fails on demand: compiles the shim, prepares process environments. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mustSkip } from '../../support/loud-skip.ts';
import { DiskControl } from './control.ts';

const source = fileURLToPath(new URL('./shim.c', import.meta.url));

function canPreload(): boolean {
  // Preloading needs the C library of the runtimes: neither musl nor macOS.
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime !== undefined && spawnSync('cc', ['--version']).status === 0;
}

/** Whether tests of a failing disk must be skipped, with a printed reason. Throws in CI. */
export const mustSkipDisk = (): boolean =>
  mustSkip(
    canPreload(),
    'the tests of a failing disk',
    'They need Linux with glibc and a C compiler: apt-get install gcc libc6-dev.',
  );

let compiled: string | undefined;

/** The path of the compiled shim. Throws with the compiler's output. */
function compileShim(): string {
  if (compiled !== undefined) return compiled;
  const folder = mkdtempSync(join(tmpdir(), 'stampede-shim-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const shim = join(folder, 'shim.so');
  const { status, stderr } = spawnSync('cc', ['-shared', '-fPIC', '-O1', '-o', shim, source, '-ldl'], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`The shim does not compile:\n${stderr}`);
  compiled = shim;
  return shim;
}

/** A RAM disk where there is one: the tests create thousands of files, and need no real disk. */
export function fastFolder(prefix: string): string {
  let parent = '/dev/shm';
  try {
    accessSync(parent, constants.W_OK);
  } catch {
    parent = tmpdir();
  }
  return mkdtempSync(join(parent, prefix));
}

export class FailingDisk {
  readonly folder = fastFolder('stampede-disk-');
  /** Only operations below this folder can fail. */
  readonly files = mkdtempSync(join(this.folder, 'files-'));
  readonly control = new DiskControl(join(this.folder, 'control'));
  readonly recordFile = join(this.folder, 'record');
  readonly databaseFile = join(this.files, 'drop.db');

  /** The environment of a process; `isRecorded` records its changes in `recordFile`. */
  environment({ isRecorded = false } = {}): Record<string, string> {
    return {
      LD_PRELOAD: compileShim(),
      STAMPEDE_DISK_FOLDER: `${this.files}/`,
      STAMPEDE_DISK_CONTROL: this.control.file,
      ...(isRecorded && { STAMPEDE_DISK_RECORD: this.recordFile }),
    };
  }

  remove(): void {
    this.control.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
