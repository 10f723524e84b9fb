/** Every route of buyers, providers and monitors, in the order of the published document. */
import { dropOperations } from './drops.ts';
import { findOperations } from './find-orders.ts';
import { healthOperations } from './health.ts';
import { stockOperations } from './live-stock.ts';
import { metricsOperations } from './metrics.ts';
import { orderOperations } from './orders.ts';
import { payOperations } from './pay.ts';
import { paymentOperations } from './payments.ts';
import { purchaseOperations } from './purchase.ts';
import { sandboxOperations } from './sandbox-pay.ts';

const [getOrder, cancelOrder] = orderOperations;

export const allPublicOperations = [
  ...dropOperations,
  ...stockOperations,
  ...purchaseOperations,
  getOrder,
  ...findOperations,
  cancelOrder,
  ...payOperations,
  ...sandboxOperations,
  ...paymentOperations,
  ...healthOperations,
  ...metricsOperations,
] as const;
