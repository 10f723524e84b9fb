/** What the operator's pages are given: the answers of the API, as far as a page shows them. */
import type { DropPhase } from '../../domain/drop.ts';
import type { OperatorScope } from '../../domain/operator.ts';
import type { DisputeStatus, OrderStatus, RefundStatus, ReleaseReason } from '../../domain/order.ts';
import type { Jurisdiction } from '../../domain/shard.ts';

export interface ItemView {
  sku: string;
  name: string;
  /** Minor units, like all money here. */
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
  /** Where it is kept and runs; null: anywhere. */
  jurisdiction: Jurisdiction | null;
  /** Why buyers can't pay; null where they can. */
  unpayable: string | null;
}

export interface OrderView {
  id: string;
  number: string;
  dropId: string;
  sku: string;
  quantity: number;
  unitPrice: number;
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
  /** In words. */
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

export interface FollowerView {
  name: string;
  kind: string;
  target: string | null;
  isConfigured: boolean;
  lastSeq: number | null;
  eventsBehind: number | null;
  oldestWaitingAt: string | null;
  late: number;
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
  catalogueEventsBehind?: number | undefined;
  warning?: string | undefined;
}

/** What the API has refused, and why. */
export interface RefusalView {
  status: number;
  code: string;
  detail: string;
  errors: readonly { path: string; message: string }[];
}

/** A form that was refused, as it was typed. */
export interface Attempt {
  /** Which form of the page. */
  form: string;
  values: Readonly<Record<string, string>>;
  refusal: RefusalView;
}

/** Who looks at a page. */
export interface Viewer {
  actor: string;
  scopes: ReadonlySet<OperatorScope>;
  csrf: string;
  /** What he has just done: a name of `notices.ts` and a number, as they stand in the address. */
  done: string;
  count: string;
  /** Whether every drop is an object of its own, as on Workers. */
  isEdge: boolean;
}
