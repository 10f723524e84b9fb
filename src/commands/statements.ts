/** All prepared statements of the commands, made once per connection. */
import type { SyncDatabase } from '../database/sync-database.ts';
import { prepareCheckoutStatements } from './checkout.ts';
import { prepareDeferredStatements } from './deferred-delivery.ts';
import { prepareDisputeStatements } from './dispute.ts';
import { prepareOfferStatements } from './journal.ts';
import { prepareLogStatements } from './log-statements.ts';
import { prepareMailStatements } from './mail-limit.ts';
import { prepareMovedStatements } from './moved.ts';
import { prepareEarlyMovementStatements } from './movement.ts';
import { everyKey, type KeySteps } from './new-keys.ts';
import { prepareOperatorKeyStatements } from './operator-keys.ts';
import { prepareOrderStatements } from './order-statements.ts';
import { preparePaymentStatements } from './payment-statements.ts';
import {
  prepareAttemptStatements,
  prepareOwedRefundStatements,
  prepareRefundStatements,
  prepareReportedRefundStatements,
} from './refund-statements.ts';
import { prepareDueStatements } from './release.ts';
import { prepareStockStatements } from './stock-statements.ts';
import { prepareSubscriberStatements } from './subscriber.ts';
import { prepareLimitStatements } from './units.ts';

/** Prepares the statements of `apply` on one connection. */
export function prepareStatements(db: SyncDatabase, keys: KeySteps = everyKey) {
  return {
    ...prepareOfferStatements(db),
    ...prepareStockStatements(db),
    ...prepareLimitStatements(db),
    ...prepareOrderStatements(db, keys),
    ...prepareDueStatements(db),
    ...prepareMovedStatements(db),
    ...preparePaymentStatements(db),
    ...prepareCheckoutStatements(db),
    ...prepareRefundStatements(db, keys),
    ...prepareAttemptStatements(db),
    ...prepareReportedRefundStatements(db, keys),
    ...prepareOwedRefundStatements(db),
    ...prepareDisputeStatements(db),
    ...prepareEarlyMovementStatements(db),
    ...prepareLogStatements(db),
    ...prepareSubscriberStatements(db),
    ...prepareDeferredStatements(db),
    ...prepareMailStatements(db),
    ...prepareOperatorKeyStatements(db),
  };
}

export type Statements = ReturnType<typeof prepareStatements>;
