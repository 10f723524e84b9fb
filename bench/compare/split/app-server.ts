/** The plain application's process: `app-server.ts WAY FILE`, on loopback. */
import { listen } from '../../../src/runtime/node.ts';
import { createApp } from './app.ts';
import { openers, type Way, ways } from './databases.ts';

const [asked = '', file = ''] = process.argv.slice(2);
const isWay = (name: string): name is Way => ways.some((way) => way === name);
if (!isWay(asked)) throw new Error(`There is no way ${asked}.`);
const database = await openers[asked](file);
const app = createApp(database);
const host = '127.0.0.1';
const listener = await listen({ host, port: 0, thread: 'only', fetch: (request) => app.fetch(request) });
process.once('SIGTERM', async () => {
  await listener.stop(10_000);
  await database.close();
});
process.stdout.write(`${JSON.stringify({ msg: 'listening', url: `http://${host}:${listener.port}` })}\n`);
