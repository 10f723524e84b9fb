/** Where every thread begins: with quick imports and SQLite's native code, and then with what it is for. */
import './quick-imports.ts';
import Database from 'better-sqlite3';
import { withNativeLock } from './native-lock.ts';

// The first database that a thread opens loads the code.
withNativeLock(() => new Database(':memory:').close());

// The last argument: options of the process come before it.
await import(process.argv.at(-1) ?? '');
