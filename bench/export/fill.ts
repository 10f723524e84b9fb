/**
 * Fills a drop with orders by SQL, much faster than by purchases. Rows and counters agree; the
 * event log has no entries.
 */
import Database from 'better-sqlite3';

/** Adds `count` held orders of the only drop's first item. The server must not run. */
export function fill(databaseFile: string, count: number): void {
  const connection = new Database(databaseFile);
  const now = Date.now();
  // The cache must hold the whole random index, because inserts hit all of it.
  connection.pragma('cache_size = -1000000');
  connection.exec('begin');
  connection
    .prepare(`
      with recursive series(n) as (select 1 union all select n + 1 from series limit @count)
      insert into orders (drop_id, items, units, total, status, customer, idempotency_key, fingerprint,
        email, name, phone, address, created_at, hold_expires_at)
      select 1, '[[1,1,9900]]', 1, 9900, 'held', substr(hex(randomblob(8)), 1, 16), 'filled', 'filled',
        'buyer-' || n || '@filled.example', 'Buyer "' || n || '"', '+4915100000000', n || ' Street, 12345 Town',
        @now, @now + 86400000
      from series`)
    .run({ count, now });
  connection.prepare('update items set held = held + ? where id = 1').run(count);
  connection.exec('commit');
  connection.pragma('wal_checkpoint(TRUNCATE)');
  connection.close();
}
