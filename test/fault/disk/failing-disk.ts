/** A folder on a disk that can be told to fail: compiles the shim and makes what a process is started with to meet it. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { mustSkip } from '../../support/loud-skip.ts';
import { DiskControl } from './control.ts';

const source = fileURLToPath(new URL('./shim.c', import.meta.url));

function canPreload(): boolean {
  // Preloading needs the C library that the runtimes are linked with: no musl, no macOS.
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime !== undefined && spawnSync('cc', ['--version']).status === 0;
}

/** Whether tests of a failing disk have to be left out here, which is said loudly. Throws in CI. */
export const mustSkipDisk = (): boolean =>
  mustSkip(
    canPreload(),
    'the tests of a failing disk',
    'They need Linux with glibc and a C compiler: apt-get install gcc libc6-dev.',
  );

let compiled: string | undefined;

/** The path of the compiled shim. Throws with what the compiler says. */
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

/** Memory where there is some: thousands of files are made, and none of them needs a disk. */
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
  /** Only what is below it can fail. */
  readonly files = mkdtempSync(join(this.folder, 'files-'));
  readonly control = new DiskControl(join(this.folder, 'control'));
  readonly recordFile = join(this.folder, 'record');
  readonly databaseFile = join(this.files, 'drop.db');

  /** What a process is started with; `isRecorded` where its changes are to be kept in `recordFile`. */
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
