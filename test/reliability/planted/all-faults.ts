/** Every fault that is planted, in the order of the rooms of the house. */
import { answerFaults } from './answer-faults.ts';
import { auditFaults } from './audit-faults.ts';
import { browserFaults } from './browser-faults.ts';
import { catalogueFaults } from './catalogue-faults.ts';
import { checkoutFaults } from './checkout-faults.ts';
import { creationFaults } from './creation-faults.ts';
import { customerFaults } from './customer-faults.ts';
import { dashboardFaults } from './dashboard-faults.ts';
import { deletionFaults } from './deletion-faults.ts';
import { diskFaults } from './disk-faults.ts';
import { edgeFaults } from './edge-faults.ts';
import { edgeMailFaults } from './edge-mail-faults.ts';
import { edgeMetricFaults } from './edge-metric-faults.ts';
import { failedCommandFaults } from './failed-command-faults.ts';
import { fairShareFaults } from './fair-share-faults.ts';
import type { Fault } from './fault.ts';
import { inputFaults } from './input-faults.ts';
import { keyFaults } from './key-faults.ts';
import { linkFaults } from './link-faults.ts';
import { loneFailureFaults } from './lone-failure-faults.ts';
import { mailFaults } from './mail-faults.ts';
import { markFaults } from './mark-faults.ts';
import { moneyFaults } from './money-faults.ts';
import { moveFaults } from './move-faults.ts';
import { movedFaults } from './moved-faults.ts';
import { nameFaults } from './name-faults.ts';
import { openHoldsFaults } from './open-holds-faults.ts';
import { operatorFaults } from './operator-faults.ts';
import { operatorKeyFaults } from './operator-key-faults.ts';
import { outsideMoneyFaults } from './outside-money-faults.ts';
import { overloadFaults } from './overload-faults.ts';
import { packageFaults } from './package-faults.ts';
import { platformFaults } from './platform-faults.ts';
import { privacyFaults } from './privacy-faults.ts';
import { processFaults } from './process-faults.ts';
import { providerFaults } from './provider-faults.ts';
import { quotaFaults } from './quota-faults.ts';
import { relayFaults } from './relay-faults.ts';
import { returnedOnceFaults } from './returned-once-faults.ts';
import { scheduleFaults } from './schedule-faults.ts';
import { securityFaults } from './security-faults.ts';
import { shopFaults } from './shop-faults.ts';
import { splitFaults } from './split-faults.ts';
import { stockFaults } from './stock-faults.ts';
import { strangerFaults } from './stranger-faults.ts';
import { subscriberFaults } from './subscriber-faults.ts';
import { threadEndFaults } from './thread-end-faults.ts';
import { threadFaults } from './thread-faults.ts';
import { webhookFaults } from './webhook-faults.ts';

export const allFaults: readonly Fault[] = [
  ...stockFaults,
  ...failedCommandFaults,
  ...moneyFaults,
  ...markFaults,
  ...checkoutFaults,
  ...providerFaults,
  ...answerFaults,
  ...splitFaults,
  ...loneFailureFaults,
  ...threadFaults,
  ...scheduleFaults,
  ...browserFaults,
  ...creationFaults,
  ...dashboardFaults,
  ...diskFaults,
  ...quotaFaults,
  ...outsideMoneyFaults,
  ...returnedOnceFaults,
  ...overloadFaults,
  ...processFaults,
  ...threadEndFaults,
  ...edgeFaults,
  ...catalogueFaults,
  ...edgeMetricFaults,
  ...relayFaults,
  ...subscriberFaults,
  ...customerFaults,
  ...edgeMailFaults,
  ...moveFaults,
  ...movedFaults,
  ...packageFaults,
  ...platformFaults,
  ...securityFaults,
  ...strangerFaults,
  ...fairShareFaults,
  ...linkFaults,
  ...mailFaults,
  ...shopFaults,
  ...inputFaults,
  ...privacyFaults,
  ...deletionFaults,
  ...keyFaults,
  ...auditFaults,
  ...openHoldsFaults,
  ...operatorFaults,
  ...operatorKeyFaults,
  ...nameFaults,
  ...webhookFaults,
];
