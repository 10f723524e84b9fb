/** Patch files apply to one clear place, and are renewed from a change of the source. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { applyFitting, recordChange } from '../../reliability/planted/renew.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';
import { applyPatches } from '../../support/source-patch.ts';

const stock = 'src/stock.ts';
const source = ['const held = 1;', 'const sold = 2;', 'check(held + sold);', 'return held;', ''].join('\n');

class Checkout {
  readonly folder = scratchFolder();

  constructor(text = source) {
    mkdirSync(join(this.folder, 'src'));
    this.write(stock, text);
    this.git('init', '--quiet');
    this.git('add', '.');
  }

  git(...args: string[]): void {
    expect(spawnSync('git', args, { cwd: this.folder, encoding: 'utf8' }).stderr).toBe('');
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.folder, file), text);
  }

  read(file = stock): string {
    return readFileSync(join(this.folder, file), 'utf8');
  }

  /** Changes the source and records the change as a patch. */
  record(change: (text: string) => string): void {
    this.write(stock, change(this.read()));
    recordChange(this.folder, 'a-fault.patch');
  }

  apply(): void {
    applyPatches(this.folder, [join(this.folder, 'a-fault.patch')]);
  }
}

const withoutCheck = (text: string): string => text.replace('check(held + sold);\n', '');

describe('a patch file', () => {
  test('is written from a change of the source, which is restored', () => {
    const checkout = new Checkout();
    checkout.record(withoutCheck);
    expect(checkout.read()).toBe(source);
    expect(checkout.read('a-fault.patch')).toMatch(
      /^Fault: a fault\nClass: \n.*\n@@ -3 .*\n-check\(held \+ sold\);\n$/s,
    );
    checkout.apply();
    expect(checkout.read()).toBe(withoutCheck(source));
  });

  test('applies where other lines of the file have changed', () => {
    const checkout = new Checkout();
    checkout.record(withoutCheck);
    checkout.write(stock, `import '../a.ts';\n\n${source.replace('sold = 2', 'sold = 3')}`);
    checkout.apply();
    expect(checkout.read()).not.toContain('check');
  });

  test.each([
    ['is gone', source.replace('held + sold', 'held'), /has these lines 0 times, not once/],
    ['occurs twice', source + source, /has these lines 2 times, not once/],
  ])('does not apply where its line %s', (_, text, reason) => {
    const checkout = new Checkout();
    checkout.record(withoutCheck);
    checkout.write(stock, text);
    expect(() => checkout.apply()).toThrow(reason);
    expect(checkout.read()).toBe(text);
  });

  test('has enough context to identify its place', () => {
    const checkout = new Checkout(`${source}}\n${source.replace('held = 1', 'held = 7')}}\n`);
    checkout.record((text) => text.replace('= 7;\nconst sold', '= 7;\nlet sold'));
    expect(checkout.read('a-fault.patch')).toContain('const held = 7;\n-const sold');
    checkout.apply();
    expect(checkout.read()).toContain('held = 7;\nlet sold');
  });

  test('has context also when it only adds lines', () => {
    const checkout = new Checkout();
    checkout.record((text) => text.replace('return', 'sell();\nreturn'));
    expect(checkout.read('a-fault.patch')).toContain(' check(held + sold);\n+sell();\n return held;\n');
  });
});

describe('recording a fault', () => {
  test('keeps the header of the patch', () => {
    const checkout = new Checkout();
    checkout.record(withoutCheck);
    checkout.write('a-fault.patch', checkout.read('a-fault.patch').replace('Class: ', 'Class: overload'));
    checkout.record((text) => text.replace('held + sold', 'held'));
    expect(checkout.read('a-fault.patch')).toMatch(
      /^Fault: a fault\nClass: overload\n.*\n\+check\(held\);\n$/s,
    );
  });

  test('keeps staged changes', () => {
    const checkout = new Checkout();
    const staged = source.replace('sold = 2', 'sold = 3');
    checkout.write(stock, staged);
    checkout.git('add', '.');
    checkout.record(withoutCheck);
    expect(checkout.read()).toBe(staged);
  });

  test('is refused where the source has no unstaged change', () => {
    const checkout = new Checkout();
    expect(() => recordChange(checkout.folder, 'a-fault.patch')).toThrow(/^Nothing to record: .*--apply/s);
  });
});

describe('applying a fault', () => {
  test('applies the hunks that still fit, which are then completed and recorded', () => {
    const checkout = new Checkout();
    checkout.record((text) => withoutCheck(text).replace('held = 1', 'held = 0'));
    const refactored = source.replace('check(', 'verify(');
    checkout.write(stock, refactored);
    checkout.git('add', '.');
    expect(applyFitting(checkout.folder, 'a-fault.patch')).toMatch(
      /^src\/stock.ts has these lines 0 times.*\ncheck/,
    );
    expect(checkout.read()).toBe(refactored.replace('held = 1', 'held = 0'));
    checkout.record((text) => text.replace('verify(held + sold);\n', ''));
    checkout.apply();
    expect(checkout.read()).toBe('const held = 0;\nconst sold = 2;\nreturn held;\n');
  });

  test('is refused where the source has unstaged changes, which stay', () => {
    const checkout = new Checkout();
    checkout.record(withoutCheck);
    const changed = source.replace('sold = 2', 'sold = 3');
    checkout.write(stock, changed);
    expect(() => applyFitting(checkout.folder, 'a-fault.patch')).toThrow(
      /^Stage .*Unstaged: src\/stock.ts$/s,
    );
    expect(checkout.read()).toBe(changed);
  });

  test('is refused where there is no patch', () => {
    expect(() => applyFitting(new Checkout().folder, 'none.patch')).toThrow('There is no patch none.patch.');
  });
});
