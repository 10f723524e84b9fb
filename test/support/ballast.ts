/** Filler rows: with them, copying the file takes long enough for a test to interrupt the copy. */
import Database from 'better-sqlite3';

/** The size needed on a fast disk. */
const ballastMb = 100;

export function addBallast(file: string): void {
  const connection = new Database(file);
  connection.exec(`create table ballast (bytes blob);
    with recursive n(i) as (select 1 union all select i + 1 from n where i < ${ballastMb})
    insert into ballast select zeroblob(1000000) from n`);
  connection.close();
}
