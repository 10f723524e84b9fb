/** Adapts commands in texts to how this program was started: npm, npx or the executable. */
import { isCompiled, isExecutable } from '../split/program-files.ts';

const command = isExecutable ? './stampede' : 'npx stampede';

/** Replaces `npm run stampede --` in a text, and removes what concerns only npm. */
export const asTyped = (text: string): string =>
  isCompiled
    ? text
        .replaceAll(/npm run (?:--silent )?stampede --/g, command)
        .replace("; `npm run --silent` omits npm's own lines", '')
    : text;
