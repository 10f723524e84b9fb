/** The path of the tests' commands module, with the types of its functions. */
import { commandsOf } from '../../../src/split/open-split.ts';

export const commandsUrl = commandsOf<typeof import('./commands.ts')>(
  new URL('./commands.ts', import.meta.url),
);
