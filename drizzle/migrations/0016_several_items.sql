-- As in 0003: payments and checkouts refer to orders, so foreign keys are deferred, and the orders go back into a table of the
-- same name. Each order gets its one item as a list.
PRAGMA defer_foreign_keys=ON;--> statement-breakpoint
CREATE TABLE `__old_orders` AS SELECT * FROM `orders`;--> statement-breakpoint
DROP TABLE `orders`;--> statement-breakpoint
CREATE TABLE `orders` (
	`id` integer PRIMARY KEY NOT NULL,
	`drop_id` integer NOT NULL,
	`items` text NOT NULL,
	`units` integer NOT NULL,
	`total` integer NOT NULL,
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
	CONSTRAINT "orders_units" CHECK("units" > 0),
	CONSTRAINT "orders_total" CHECK("total" >= 0),
	CONSTRAINT "orders_status" CHECK("status" in ('held', 'paid', 'fulfilled', 'released', 'refunding', 'refunded')),
	CONSTRAINT "orders_release_reason" CHECK("release_reason" in ('expired', 'cancelled', 'unpayable', 'erased')),
	CONSTRAINT "orders_dispute" CHECK("dispute" in ('open', 'won', 'lost')),
	CONSTRAINT "orders_hold_expires_at" CHECK("hold_expires_at" > "created_at")
) STRICT;
--> statement-breakpoint
INSERT INTO `orders` ("id", "drop_id", "items", "units", "total", "status", "release_reason", "customer", "customer_phone", "idempotency_key", "fingerprint", "email", "name", "phone", "address", "created_at", "hold_expires_at", "tracking_code", "dispute") SELECT "id", "drop_id", '[[' || "item_id" || ',' || "quantity" || ',' || "unit_price" || ']]', "quantity", "quantity" * "unit_price", "status", "release_reason", "customer", "customer_phone", "idempotency_key", "fingerprint", "email", "name", "phone", "address", "created_at", "hold_expires_at", "tracking_code", "dispute" FROM `__old_orders`;--> statement-breakpoint
DROP TABLE `__old_orders`;--> statement-breakpoint
CREATE UNIQUE INDEX `orders_customer_key` ON `orders` (`customer`,`idempotency_key`);--> statement-breakpoint
CREATE INDEX `orders_customer_phone` ON `orders` (`customer_phone`) WHERE "customer_phone" is not null;--> statement-breakpoint
CREATE INDEX `orders_due` ON `orders` (`hold_expires_at`) WHERE "status" = 'held';--> statement-breakpoint
CREATE INDEX `orders_drop` ON `orders` (`drop_id`,`id`);--> statement-breakpoint
CREATE TABLE `__new_items` (
	`id` integer PRIMARY KEY NOT NULL,
	`drop_id` integer NOT NULL,
	`sku` text NOT NULL,
	`name` text NOT NULL,
	`price` integer NOT NULL,
	`stock` integer NOT NULL,
	`held` integer DEFAULT 0 NOT NULL,
	`sold` integer DEFAULT 0 NOT NULL,
	FOREIGN KEY (`drop_id`) REFERENCES `drops`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "items_price" CHECK("price" >= 0),
	CONSTRAINT "items_counts" CHECK("stock" >= 0 and "held" >= 0 and "sold" >= 0),
	CONSTRAINT "items_never_oversold" CHECK("held" + "sold" <= "stock")
) STRICT;
--> statement-breakpoint
INSERT INTO `__new_items`("id", "drop_id", "sku", "name", "price", "stock", "held", "sold") SELECT "id", "drop_id", "sku", "name", "price", "stock", "held", "sold" FROM `items`;--> statement-breakpoint
DROP TABLE `items`;--> statement-breakpoint
ALTER TABLE `__new_items` RENAME TO `items`;--> statement-breakpoint
CREATE UNIQUE INDEX `items_drop_sku` ON `items` (`drop_id`,`sku`);