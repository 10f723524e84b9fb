/** `apply(command, journal) -> Outcome`: the only code that writes domain rows; synchronous, and the same on every engine. */
import type { DomainCommand } from '../../domain/command.ts';
import type { OutcomeByCommand } from '../../domain/outcome.ts';
import type { SyncDatabase } from '../sync-database.ts';
import { createDrop, editDrop, restock } from './drop.ts';
import { placeHold } from './hold.ts';
import type { Journal } from './journal.ts';
import { recordPayment } from './payment.ts';
import { cancelOrder, releaseDue } from './release.ts';
import type { Statements } from './statements.ts';

export type Apply = (command: DomainCommand, journal: Journal) => OutcomeByCommand[DomainCommand['kind']];

/**
 * Binds `apply` to one connection. It must be called inside a transaction of that connection, and it never opens one,
 * waits, or looks at a clock: the time is the journal's. It throws only where the database itself fails.
 */
export function createApply(db: SyncDatabase, statements: Statements): Apply {
  return (command, journal) => {
    switch (command.kind) {
      case 'placeHold':
        return placeHold(command, statements, journal);
      case 'recordPayment':
        return recordPayment(command, statements, journal);
      case 'releaseDue':
        return releaseDue(command, statements, journal);
      case 'cancelOrder':
        return cancelOrder(command, statements, journal);
      case 'createDrop':
        return createDrop(command, db, journal);
      case 'editDrop':
        return editDrop(command, db, journal);
      case 'restock':
        return restock(command, db, journal);
    }
  };
}
