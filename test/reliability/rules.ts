/** The classes whose cases are single tests of the suite: their files, and their results. */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { root } from '../support/server-process.ts';
import type { FaultClass } from './fault-classes.ts';
import { allFaults } from './planted/all-faults.ts';
import type { Count } from './reliability-text.ts';

/** These folders have suites that count their own cases. */
const counted = /^test\/(property|history|security|fault\/(disk|process))\//;
const countedClasses: ReadonlySet<FaultClass> = new Set(['power loss', 'hostile requests and clients']);

/** Each file with the first class that lists it. */
export const ruleFiles = new Map<string, FaultClass>([
  ['test/reliability/judge.test.ts', 'rules of the audit'],
  ['test/contract/overload.test.ts', 'overload'],
]);
for (const { class: name, tests } of allFaults) {
  for (const file of tests) {
    const isOurs = !counted.test(file) && !countedClasses.has(name);
    if (isOurs && !ruleFiles.has(file)) ruleFiles.set(file, name);
  }
}

/** The part of vitest's JSON report in use. */
interface Report {
  testResults: {
    name: string;
    startTime: number;
    endTime: number;
    assertionResults: { status: string }[];
  }[];
}

export function countRules(reportFile: string): Count[] {
  const report: Report = JSON.parse(readFileSync(reportFile, 'utf8'));
  const counts = new Map<FaultClass, Count>();
  for (const { name, startTime, endTime, assertionResults } of report.testResults) {
    const group = ruleFiles.get(relative(root, name));
    if (group === undefined) continue;
    const count = counts.get(group) ?? { class: group, cases: 0, seeds: [], violations: 0, seconds: 0 };
    const passed = assertionResults.filter(({ status }) => status === 'passed').length;
    const failures = assertionResults.filter(({ status }) => status === 'failed').length;
    counts.set(group, {
      ...count,
      // Without skipped tests.
      cases: count.cases + passed + failures,
      // A file without tests did not load.
      violations: count.violations + (assertionResults.length === 0 ? 1 : failures),
      seconds: count.seconds + Math.round((endTime - startTime) / 1000),
    });
  }
  return [...counts.values()];
}
