/** `npm run test:kill:edge`: kills workerd under load repeatedly, and prints the findings. */
import { parseArgs } from 'node:util';
import { runKilledCrowd } from './killed-crowd.ts';

const { values } = parseArgs({
  options: {
    shards: { type: 'string', default: '6' },
    kills: { type: 'string', default: '10' },
    answers: { type: 'string', default: '500' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const [shards, kills, answers, seed] = [values.shards, values.kills, values.answers, values.seed].map(
  Number,
) as [number, number, number, number];
const write = (line: string): void => void process.stdout.write(`${line}\n`);
const beganMs = performance.now();
const seconds = (): string => `${((performance.now() - beganMs) / 1_000).toFixed(1)} s`;

write(`${kills} kills, each after ${answers} answers; drops of ${shards} shards; seed ${seed}`);
const report = await runKilledCrowd({ shards, kills, answers, seed }, (kill) =>
  write(`killed ${kill} of ${kills}, after ${seconds()}`),
);
const { violations, calls, restartsMs, ...counts } = report;
for (const [name, count] of Object.entries({ ...calls, ...counts })) write(`${name.padEnd(18)} ${count}`);
write(`${'restarts, ms'.padEnd(18)} ${restartsMs.join(', ')}`);
write(`${'violations'.padEnd(18)} ${violations.length}`);
for (const violation of violations) write(`  ${violation}`);
write(`took ${seconds()}`);
process.exit(violations.length > 0 ? 1 : 0);
