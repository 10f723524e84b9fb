/** The entry of every thread: quick imports, SQLite's native code, then the thread's own module. */
import './workarounds/quick-imports.ts';
import Database from 'better-sqlite3';
import { withNativeLock } from './workarounds/native-lock.ts';

// The first database that a thread opens loads the native code.
withNativeLock(() => new Database(':memory:').close());

// The last argument: options of the process come before it.
await import(process.argv.at(-1) ?? '');
