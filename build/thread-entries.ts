/** What threads import by URL, which no bundler follows. */
import { globSync } from 'node:fs';

/** `entryOf` (src/split/program-files.ts) finds each by its name, in the folder of the bundle. */
export const threadEntries: readonly string[] = globSync([
  'src/{database/sqlite,runtime,split}/*-thread.ts',
  'src/database/sqlite/shop-{commands,reads}.ts',
]).sort();
