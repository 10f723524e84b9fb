/** The writer thread: loads the commands, takes the lock, opens the file, and starts the writer. */

import { parentPort, workerData } from 'node:worker_threads';
import { describeError } from './errors.ts';
import { loadCommands } from './load-commands.ts';
import { openMigrated } from './open-file.ts';
import { type ServerLock, takeServerLock } from './server-lock.ts';
import { systemClock } from './system-clock.ts';
import { Writer } from './writer.ts';
import type { FromWriterThread, ToWriterThread, WriterThreadSettings } from './writer-protocol.ts';

if (!parentPort) throw new Error('This file is the entry of a thread.');
const port = parentPort;
const settings: WriterThreadSettings = workerData;
const send = (message: FromWriterThread): void => port.postMessage(message);

let lock: ServerLock | null = null;
try {
  const openCommands = await loadCommands(settings.commands);
  send({ kind: 'loaded' });
  // Take the lock before opening the file, so that two servers never open it together.
  lock = takeServerLock(settings.connection.file);
  const connection = openMigrated(settings.connection, settings.migrationsFolder);
  try {
    const writer = new Writer(connection, openCommands(connection), lock, settings, systemClock, send);
    const onClosed = (): void => {
      send({ kind: 'closed' });
      port.close();
    };
    port.on('message', (message: ToWriterThread) => {
      if (message.kind === 'attach') writer.attach(message.port);
      else writer.close(onClosed);
    });
  } catch (error) {
    connection.close();
    throw error;
  }
} catch (error) {
  lock?.release();
  const reason = describeError(error);
  // SQLite does not name the file that it cannot open.
  send({
    kind: 'refused',
    reason: reason.startsWith('SQLITE_') ? `${settings.connection.file}: ${reason}` : reason,
  });
}
