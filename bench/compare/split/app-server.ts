/** The plain application's process: `app-server.ts WAY FILE`, on loopback. */
import { serve } from '../../rounds/serve.ts';
import { createApp } from './app.ts';
import { openers, type Way, ways } from './databases.ts';

const [wanted = '', file = ''] = process.argv.slice(2);
const isWay = (name: string): name is Way => ways.some((way) => way === name);
if (!isWay(wanted)) throw new Error(`There is no way ${wanted} to open the database.`);
const database = await openers[wanted](file);
await serve(createApp(database).fetch, () => database.close());
