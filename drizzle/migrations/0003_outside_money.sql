CREATE TABLE `disputes` (
	`id` integer PRIMARY KEY NOT NULL,
	`payment_id` integer NOT NULL,
	`provider` text NOT NULL,
	`reference` text NOT NULL,
	`status` text NOT NULL,
	`reason` text NOT NULL,
	`amount` integer NOT NULL,
	`currency` text NOT NULL,
	`opened_at` integer NOT NULL,
	`closed_at` integer,
	FOREIGN KEY (`payment_id`) REFERENCES `payments`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "disputes_status" CHECK("status" in ('open', 'won', 'lost')),
	CONSTRAINT "disputes_amount" CHECK("amount" >= 0),
	CONSTRAINT "disputes_closed" CHECK(("status" = 'open') = ("closed_at" is null))
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `disputes_reference` ON `disputes` (`provider`,`reference`);--> statement-breakpoint
CREATE INDEX `disputes_payment` ON `disputes` (`payment_id`);--> statement-breakpoint
CREATE INDEX `disputes_open` ON `disputes` (`id`) WHERE "status" = 'open';--> statement-breakpoint
CREATE TABLE `early_movements` (
	`id` integer PRIMARY KEY NOT NULL,
	`provider` text NOT NULL,
	`payment_reference` text NOT NULL,
	`report` text NOT NULL,
	`created_at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `early_movements_report` ON `early_movements` (`provider`,`payment_reference`,`report`);--> statement-breakpoint
-- A CHECK changes only with its table. Payments and checkouts refer to orders, and a migration is one transaction, in which
-- foreign keys can't be switched off: they are deferred, and the orders go back into a table of the same name.
PRAGMA defer_foreign_keys=ON;--> statement-breakpoint
CREATE TABLE `__old_orders` AS SELECT * FROM `orders`;--> statement-breakpoint
DROP TABLE `orders`;--> statement-breakpoint
CREATE TABLE `orders` (
	`id` integer PRIMARY KEY NOT NULL,
	`drop_id` integer NOT NULL,
	`item_id` integer NOT NULL,
	`quantity` integer NOT NULL,
	`unit_price` integer NOT NULL,
	`status` text NOT NULL,
	`release_reason` text,
	`customer` text NOT NULL,
	`customer_phone` text,
	`idempotency_key` text,
	`fingerprint` text NOT NULL,
	`email` text,
	`name` text,
	`phone` text,
	`address` text,
	`created_at` integer NOT NULL,
	`hold_expires_at` integer NOT NULL,
	`tracking_code` text,
	`dispute` text,
	FOREIGN KEY (`drop_id`) REFERENCES `drops`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`item_id`) REFERENCES `items`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "orders_quantity" CHECK("quantity" > 0),
	CONSTRAINT "orders_unit_price" CHECK("unit_price" > 0),
	CONSTRAINT "orders_status" CHECK("status" in ('held', 'paid', 'fulfilled', 'released', 'refunding', 'refunded')),
	CONSTRAINT "orders_release_reason" CHECK("release_reason" in ('expired', 'cancelled', 'unpayable', 'erased')),
	CONSTRAINT "orders_dispute" CHECK("dispute" in ('open', 'won', 'lost')),
	CONSTRAINT "orders_hold_expires_at" CHECK("hold_expires_at" > "created_at")
) STRICT;
--> statement-breakpoint
INSERT INTO `orders` ("id", "drop_id", "item_id", "quantity", "unit_price", "status", "release_reason", "customer", "customer_phone", "idempotency_key", "fingerprint", "email", "name", "phone", "address", "created_at", "hold_expires_at", "tracking_code") SELECT "id", "drop_id", "item_id", "quantity", "unit_price", "status", "release_reason", "customer", "customer_phone", "idempotency_key", "fingerprint", "email", "name", "phone", "address", "created_at", "hold_expires_at", "tracking_code" FROM `__old_orders`;--> statement-breakpoint
DROP TABLE `__old_orders`;--> statement-breakpoint
CREATE UNIQUE INDEX `orders_customer_key` ON `orders` (`customer`,`idempotency_key`);--> statement-breakpoint
CREATE INDEX `orders_customer_phone` ON `orders` (`customer_phone`) WHERE "customer_phone" is not null;--> statement-breakpoint
CREATE INDEX `orders_due` ON `orders` (`hold_expires_at`) WHERE "status" = 'held';--> statement-breakpoint
CREATE INDEX `orders_drop` ON `orders` (`drop_id`,`id`);--> statement-breakpoint
CREATE TABLE `__new_refunds` (
	`id` integer PRIMARY KEY NOT NULL,
	`payment_id` integer NOT NULL,
	`reference` text,
	`status` text NOT NULL,
	`reason` text NOT NULL,
	`amount` integer NOT NULL,
	`currency` text NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`next_attempt_at` integer NOT NULL,
	`created_at` integer NOT NULL,
	`sent_at` integer,
	`last_error` text,
	`key_number` integer DEFAULT 0 NOT NULL,
	`note` text,
	FOREIGN KEY (`payment_id`) REFERENCES `payments`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "refunds_status" CHECK("status" in ('pending', 'sent', 'failed', 'settled')),
	CONSTRAINT "refunds_amount" CHECK("amount" >= 0),
	CONSTRAINT "refunds_attempts" CHECK("attempts" >= 0),
	CONSTRAINT "refunds_key_number" CHECK("key_number" >= 0)
) STRICT;
--> statement-breakpoint
INSERT INTO `__new_refunds` ("id", "payment_id", "status", "reason", "amount", "currency", "attempts", "next_attempt_at", "created_at", "sent_at", "last_error") SELECT "id", "payment_id", "status", "reason", "amount", "currency", "attempts", "next_attempt_at", "created_at", "sent_at", "last_error" FROM `refunds`;--> statement-breakpoint
DROP TABLE `refunds`;--> statement-breakpoint
ALTER TABLE `__new_refunds` RENAME TO `refunds`;--> statement-breakpoint
CREATE INDEX `refunds_payment` ON `refunds` (`payment_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `refunds_reference` ON `refunds` (`payment_id`,`reference`) WHERE "reference" is not null;--> statement-breakpoint
CREATE INDEX `refunds_due` ON `refunds` (`next_attempt_at`) WHERE "status" = 'pending';