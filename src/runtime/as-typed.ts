/** Adapts commands in texts to how the program was started: npm, npx or the executable. */
import { isExecutable, isInstalled } from '../split/program-files.ts';

const command = isExecutable ? './stampede' : 'npx stampede';
/** Where the settings are listed, for an operator without a checkout. */
const settingsFile = isExecutable ? '.env.example of the repository' : 'node_modules/stampede/.env.example';

/** Replaces `npm run stampede --` in a text, and removes what concerns npm only. */
export const asTyped = (text: string): string =>
  isInstalled
    ? text
        .replaceAll(/npm run (?:--silent )?stampede --/g, command)
        .replaceAll('.env.example lists', `${settingsFile} lists`)
        .replace("; `npm run --silent` omits npm's own lines", '')
    : text;
