/** The plain application's process: `app-server.ts WAY FILE`, on loopback. */
import { serve } from '../../rounds/serve.ts';
import { createApp } from './app.ts';
import { openers, type Way, ways } from './databases.ts';

const [asked = '', file = ''] = process.argv.slice(2);
const isWay = (name: string): name is Way => ways.some((way) => way === name);
if (!isWay(asked)) throw new Error(`There is no way ${asked}.`);
const database = await openers[asked](file);
await serve(createApp(database).fetch, () => database.close());
