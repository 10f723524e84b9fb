/** Writes examples as they are typed where this program runs: by npm in a checkout, by npx from the package. */
import { isCompiled } from '../split/program-files.ts';

/** Replaces `npm run stampede --` in a text. */
export const asTyped = (text: string): string =>
  isCompiled ? text.replaceAll(/npm run (?:--silent )?stampede --/g, 'npx stampede') : text;
