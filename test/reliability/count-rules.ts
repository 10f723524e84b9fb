/** The classes whose cases are single tests of the suite: their files, and their results. */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { root } from '../support/server-process.ts';
import type { FaultClass } from './fault-classes.ts';
import { readFaults } from './planted/fault.ts';
import type { Count } from './reliability-text.ts';

/** These folders have suites that count their own cases. */
const counted = /^test\/(property|security|reliability\/(history|disk|process))\//;
const countedClasses: ReadonlySet<FaultClass> = new Set(['power loss', 'hostile requests and clients']);

/** The classes of the planted faults that a test file catches, once for each fault. */
const classesByFile = new Map<string, FaultClass[]>();
for (const { class: name, tests } of readFaults()) {
  for (const file of tests) {
    if (counted.test(file) || countedClasses.has(name)) continue;
    classesByFile.set(file, [...(classesByFile.get(file) ?? []), name]);
  }
}

/** The first of the most frequent ones. */
function mostFrequent(names: readonly FaultClass[]): FaultClass {
  const count = (name: FaultClass): number => names.filter((other) => other === name).length;
  return names.reduce((most, name) => (count(name) > count(most) ? name : most));
}

/** Each file with the class of most faults that it catches. */
export const ruleFiles: ReadonlyMap<string, FaultClass> = new Map<string, FaultClass>([
  ...[...classesByFile].map(([file, names]) => [file, mostFrequent(names)] as const),
  ['test/reliability/judge.test.ts', 'rules of the audit'],
  ['test/contract/overload.test.ts', 'overload'],
]);

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
