/** Writes examples as they are typed where this program runs: by npm in a checkout, by npx from the package. */
import { isCompiled, isExecutable } from '../split/program-files.ts';

const command = isExecutable ? './stampede' : 'npx stampede';

/** Replaces `npm run stampede --` in a text, and what is said of npm itself. */
export const asTyped = (text: string): string =>
  isCompiled
    ? text
        .replaceAll(/npm run (?:--silent )?stampede --/g, command)
        .replace("; `npm run --silent` leaves npm's own lines out", '')
    : text;
