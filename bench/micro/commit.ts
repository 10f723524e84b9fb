/** Measures a committed purchase in batches of 1, 8, 64 and 512, at FULL and at NORMAL. */
import { checkAndRemove, openScratchWriter, placeHold, scratchSettings } from './scratch.ts';
import { type Answer, type Case, time } from './timing.ts';

const batches = [1, 8, 64, 512];

export async function commit(): Promise<Answer> {
  const answer: Answer = { timings: [], wrong: [] };
  for (const synchronous of ['FULL', 'NORMAL'] as const) {
    const settings = scratchSettings(synchronous);
    const { connection, committer, itemId } = openScratchWriter(settings);
    const cases = batches.map((size): Case => {
      let commands: ReturnType<typeof placeHold>[] = [];
      return {
        name: `${synchronous}, batch of ${size}, per purchase`,
        operations: size,
        before: () => {
          commands = Array.from({ length: size }, () => placeHold(itemId));
        },
        run: () => {
          committer.commit(commands, Date.now());
        },
        // Outside the measured time, as the server does: a growing WAL would slow the next case.
        after: () => {
          if (Math.random() < 0.01) connection.pragma('wal_checkpoint(PASSIVE)');
        },
      };
    });
    answer.timings.push(...(await time(cases)));
    connection.close();
    answer.wrong = [...answer.wrong, ...checkAndRemove(settings)];
  }
  return answer;
}
