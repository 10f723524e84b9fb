/**
 * Runs next to the server on the same file: holds a read or the writer's lock, for a time or until
 * stdin ends.
 */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';

const [, , what, file = '', holdMs = '', times = '1', pauseMs = '0'] = process.argv;
const connection = new Database(file, { timeout: 10_000, readonly: what === 'read' });
for (let time = 0; time < Number(times); time += 1) {
  connection.exec(what === 'read' ? 'BEGIN' : 'BEGIN IMMEDIATE');
  connection.prepare('select count(*) from orders').get();
  process.stdout.write('holds\n');
  await (holdMs === '' ? once(process.stdin.resume(), 'end') : sleep(Number(holdMs)));
  connection.exec('ROLLBACK');
  await sleep(Number(pauseMs));
}
connection.close();
