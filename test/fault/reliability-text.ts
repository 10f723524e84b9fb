/** RELIABILITY.md from what the fault tests have counted. */

export interface Count {
  class: string;
  cases: number;
  seeds: readonly number[];
  violations: number;
  seconds: number;
}

export interface Planted {
  name: string;
  /** `file: test`; null: nobody noticed. */
  caughtBy: string | null;
}

export interface Reliability {
  counts: readonly Count[];
  planted: readonly Planted[];
  /** Parts that did not pass. */
  failed: readonly string[];
  seed: string;
  deep: boolean;
  where: { node: string; cpu: string; cores: number };
}

const cell = (text: string): string => text.replaceAll('|', '\\|');

const countRow = ({ class: name, cases, violations, seconds }: Count): string =>
  `| ${cell(name)} | ${cases.toLocaleString('en')} | ${violations} | ${seconds} s |`;

const plantedRow = ({ name, caughtBy }: Planted): string =>
  `| ${cell(name)} | ${caughtBy === null ? '**not caught**' : `\`${cell(caughtBy)}\``} |`;

export function reliabilityText({ counts, planted, failed, seed, deep, where }: Reliability): string {
  const open = [
    ...failed.map((name) => `- The part \`${name}\` did not pass.`),
    ...planted.filter(({ caughtBy }) => caughtBy === null).map(({ name }) => `- Nobody noticed: ${name}.`),
  ];
  return `# Reliability

Written by \`npm run ${deep ? 'test:fault:deep' : 'test:fault'} -- --write --seed ${seed}\` on Node ${where.node}, ${where.cores} cores (${where.cpu.trim()}). Don't edit it: run it.

## What is promised

The eight promises of the [README](README.md#what-it-promises). After each fault below the same judge decides: every order that was
acknowledged is there with its content, none twice, none that was refused; held + sold <= stock; the customer's limit; every payment is a
unit or goes back, once; the log's chain is whole; the file is sound. It is \`npm run audit\` with a ledger kept outside of the server.

## What is not

A disk that acknowledges an fsync and keeps nothing; two disks lost at once; the machine's root as an attacker; what a payment
provider or a bank does with a refund that it has taken; Cloudflare's own durability, which was not tested here, only the code on it. The
README lists [what else](README.md#what-it-does-not-promise).

## What was tried

| class | cases | violations | took |
|---|---|---|---|
${counts.map(countRow).join('\n')}

## Faults that were planted on purpose

A test that can't fail proves nothing: each of these was built into a copy of the source, and a test had to notice.
${planted.length} planted, ${planted.filter(({ caughtBy }) => caughtBy !== null).length} caught.

| fault | caught by |
|---|---|
${planted.map(plantedRow).join('\n')}

## Open failures

${open.length === 0 ? 'None that is known.' : open.join('\n')}
`;
}
