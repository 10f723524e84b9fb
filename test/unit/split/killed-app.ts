/** A process that writes as fast as it is answered, prints each answer, and is killed meanwhile. */
import { writeSync } from 'node:fs';
import { openSplit } from '../../../src/split/open-split.ts';
import { commandsUrl } from './commands-url.ts';
import * as schema from './schema.ts';
import { items } from './schema.ts';

const file = process.argv[2] ?? '';
const db = await openSplit({ file, schema, commands: commandsUrl });
await db.run(schema.createItems);

async function write(writer: number): Promise<void> {
  for (let round = 0; ; round += 1) {
    const name = `${writer}/${round}`;
    if (round % 3 === 0) await db.insert(items).values({ name });
    else if (round % 3 === 1) await db.command('add', { name });
    else await db.batch([db.insert(items).values({ name }), db.select().from(items).limit(1)]);
    // Synchronous, because a buffer would be lost with the process.
    writeSync(1, `${name}\n`);
  }
}
await Promise.all(Array.from({ length: 20 }, (_, writer) => write(writer)));
