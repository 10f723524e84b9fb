/** Ends a run's report with its duration, its ten slowest tests, and what the quick suite omits. */
import { relative } from 'node:path';
import type { Reporter, TestCase, TestModule } from 'vitest/node';
import { root } from './server-process.ts';

const slowestMax = 10;
const seconds = (durationMs: number): string => `${(durationMs / 1000).toFixed(1)} s`;

const durationMs = (test: TestCase): number => test.diagnostic()?.duration ?? 0;
const nameOf = (test: TestCase): string => `${relative(root, test.module.moduleId)} > ${test.fullName}`;

/** The lines that end the report; `tookMs` is the duration of the run. */
function closingLines(modules: readonly TestModule[], tookMs: number, leftOut: readonly string[]): string[] {
  const slowest = modules
    .flatMap((module) => [...module.children.allTests()])
    .sort((one, other) => durationMs(other) - durationMs(one))
    .slice(0, slowestMax);
  return [
    `The run took ${seconds(tookMs)}. Its slowest tests:`,
    ...slowest.map((test) => `${seconds(durationMs(test)).padStart(9)}  ${nameOf(test)}`),
    ...(leftOut.length > 0 ? ['', '`npm run test:all` adds:', ...leftOut.map((what) => `  - ${what}`)] : []),
  ];
}

export class ClosingReporter implements Reporter {
  readonly #leftOut: readonly string[];
  #startedMs = performance.now();

  /** `leftOut` names what this suite does not run; empty for the whole suite. */
  constructor(leftOut: readonly string[]) {
    this.#leftOut = leftOut;
  }

  onTestRunStart(): void {
    this.#startedMs = performance.now();
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const lines = closingLines(modules, performance.now() - this.#startedMs, this.#leftOut);
    process.stdout.write(`\n${lines.join('\n')}\n`);
  }
}
