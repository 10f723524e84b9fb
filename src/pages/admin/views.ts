/** Data of the operator pages: the API's answers, reduced to what a page shows. */
import type { DropPhase } from '../../domain/drop.ts';
import type { NamedItem } from '../../domain/named-items.ts';
import type { DisputeStatus, OrderStatus, RefundStatus, ReleaseReason } from '../../domain/order.ts';
import type { Jurisdiction } from '../../domain/shard.ts';

export interface ItemView {
  sku: string;
  name: string;
  /** Minor units, like all amounts here. */
  price: number;
  stock: number;
  available: number;
  held: number;
  sold: number;
}

export interface DropView {
  id: string;
  slug: string;
  title: string;
  description: string;
  imageUrl: string | null;
  currency: string;
  perCustomer: number | null;
  /** ISO 8601, like all times here. */
  startsAt: string;
  endsAt: string | null;
  phase: DropPhase;
  items: readonly ItemView[];
  published: boolean;
  paused: boolean;
  holdSeconds: number;
  /** Where the drop's data is stored and processed; null: anywhere. */
  jurisdiction: Jurisdiction | null;
  /** Why buyers can't pay; null if they can. */
  unpayable: string | null;
}

export interface OrderView {
  id: string;
  number: string;
  dropId: string;
  items: readonly NamedItem[];
  total: number;
  currency: string;
  status: OrderStatus;
  holdExpiresAt: string;
  createdAt: string;
  trackingCode?: string | undefined;
  dispute?: DisputeStatus | undefined;
  releaseReason?: ReleaseReason | undefined;
  email: string | null;
  name: string | null;
  phone: string | null;
  address: string | null;
}

export interface MoneyView {
  status: string;
  amount: number;
  currency: string;
  createdAt: string;
}

interface FailureView {
  /** Human-readable. */
  lastErrorDetail: string | null;
  note: string | null;
}

export interface OrderWithMoneyView {
  order: OrderView;
  /** What a refund would return now, in minor units. */
  refundable: number;
  payments: readonly (MoneyView & { provider: string })[];
  refunds: readonly (MoneyView & FailureView & { id: string; reason: string; sentAt: string | null })[];
}

export interface RefundView extends MoneyView, FailureView {
  id: string;
  orderId: string | null;
  provider: string;
  reason: string;
  attempts: number;
  sentAt: string | null;
}

export interface SubscriberView {
  name: string;
  kind: string;
  target: string | null;
  isConfigured: boolean;
  lastSeq: number | null;
  eventsBehind: number | null;
  oldestWaitingAt: string | null;
  deferred: number;
}

interface TallyView {
  count: number;
  amount: number;
}

export interface CertificateView {
  drop: { id: string; slug: string; title: string };
  isClean: boolean;
  currency: string;
  issuedAt: string | null;
  items: readonly { sku: string; price: number; stock: number; held: number; sold: number }[];
  orders: Readonly<Record<string, number>>;
  payments: TallyView;
  kept: TallyView;
  refunds: Readonly<Record<RefundStatus, TallyView>>;
  outside: TallyView;
  disputes: Readonly<Record<DisputeStatus, TallyView>>;
  firstSaleAt: string | null;
  lastSaleAt: string | null;
  log: { events: number; headSeq: number; head: string };
  violations: readonly string[];
}

export interface ReadyView {
  status: string;
  synchronous: string;
  walBytes: number;
  readersOpen: number;
  readersInUse: number;
  readThreadsOpen: number;
  readQueueDepth: number;
  catalogueEventsBehind?: number | undefined;
  warning?: string | undefined;
}

/** An API refusal and its reason. */
export interface RefusalView {
  status: number;
  code: string;
  detail: string;
  errors: readonly { path: string; message: string }[];
}

/** A rejected form, with the values as typed. */
export interface Attempt {
  /** Name of the form on its page. */
  form: string;
  values: Readonly<Record<string, string>>;
  refusal: RefusalView;
}

/** Operations of the API that pages show or offer, by their ids. */
export type Operation =
  | 'adminListDrops'
  | 'audit'
  | 'createDrop'
  | 'editDrop'
  | 'eraseCustomer'
  | 'exportOrders'
  | 'fulfilOrder'
  | 'listOrders'
  | 'listRefunds'
  | 'listSubscribers'
  | 'reconcile'
  | 'refundOrder'
  | 'restock'
  | 'retryRefund'
  | 'settleRefund';

/** The signed-in operator and their last change. */
export interface Viewer {
  actor: string;
  /** Whether the operator has the scope of the operation. */
  may: (operation: Operation) => boolean;
  csrf: string;
  /** The last change: a name from `notices.ts` and a number, as in the URL. */
  done: string;
  count: string;
  /** Whether each drop runs in its own object, as on Workers. */
  isEdge: boolean;
}
