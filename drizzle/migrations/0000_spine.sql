CREATE TABLE `drops` (
	`id` integer PRIMARY KEY NOT NULL,
	`slug` text NOT NULL,
	`title` text NOT NULL,
	`description` text NOT NULL,
	`image_url` text,
	`currency` text NOT NULL,
	`per_customer` integer,
	`starts_at` integer NOT NULL,
	`ends_at` integer,
	`hold_seconds` integer NOT NULL,
	`published` integer NOT NULL,
	`paused` integer NOT NULL,
	`created_at` integer NOT NULL,
	CONSTRAINT "drops_currency" CHECK(length("currency") = 3),
	CONSTRAINT "drops_per_customer" CHECK("per_customer" is null or "per_customer" > 0),
	CONSTRAINT "drops_times" CHECK("ends_at" is null or "ends_at" > "starts_at"),
	CONSTRAINT "drops_hold_seconds" CHECK("hold_seconds" > 0),
	CONSTRAINT "drops_flags" CHECK("published" in (0, 1) and "paused" in (0, 1))
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `drops_slug_unique` ON `drops` (`slug`);--> statement-breakpoint
CREATE TABLE `events` (
	`seq` integer PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`kind` text NOT NULL,
	`actor` text NOT NULL,
	`drop_id` integer,
	`item_id` integer,
	`order_id` integer,
	`quantity` integer,
	`amount` integer,
	`currency` text,
	`detail` text
) STRICT;
--> statement-breakpoint
CREATE TABLE `items` (
	`id` integer PRIMARY KEY NOT NULL,
	`drop_id` integer NOT NULL,
	`sku` text NOT NULL,
	`name` text NOT NULL,
	`price` integer NOT NULL,
	`stock` integer NOT NULL,
	`held` integer DEFAULT 0 NOT NULL,
	`sold` integer DEFAULT 0 NOT NULL,
	FOREIGN KEY (`drop_id`) REFERENCES `drops`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "items_price" CHECK("price" > 0),
	CONSTRAINT "items_counts" CHECK("stock" >= 0 and "held" >= 0 and "sold" >= 0),
	CONSTRAINT "items_never_oversold" CHECK("held" + "sold" <= "stock")
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `items_drop_sku` ON `items` (`drop_id`,`sku`);--> statement-breakpoint
CREATE TABLE `links` (
	`last_seq` integer PRIMARY KEY NOT NULL,
	`hash` text NOT NULL
) STRICT;
--> statement-breakpoint
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
	FOREIGN KEY (`drop_id`) REFERENCES `drops`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`item_id`) REFERENCES `items`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "orders_quantity" CHECK("quantity" > 0),
	CONSTRAINT "orders_unit_price" CHECK("unit_price" > 0),
	CONSTRAINT "orders_status" CHECK("status" in ('held', 'paid', 'fulfilled', 'released', 'refunding', 'refunded')),
	CONSTRAINT "orders_release_reason" CHECK("release_reason" in ('expired', 'cancelled')),
	CONSTRAINT "orders_hold_expires_at" CHECK("hold_expires_at" > "created_at")
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `orders_customer_key` ON `orders` (`customer`,`idempotency_key`);--> statement-breakpoint
CREATE INDEX `orders_customer_phone` ON `orders` (`customer_phone`) WHERE "customer_phone" is not null;--> statement-breakpoint
CREATE INDEX `orders_due` ON `orders` (`hold_expires_at`) WHERE "status" = 'held';--> statement-breakpoint
CREATE INDEX `orders_drop` ON `orders` (`drop_id`,`id`);--> statement-breakpoint
CREATE TABLE `payments` (
	`id` integer PRIMARY KEY NOT NULL,
	`order_id` integer,
	`provider` text NOT NULL,
	`event_id` text NOT NULL,
	`reference` text NOT NULL,
	`status` text NOT NULL,
	`amount` integer NOT NULL,
	`currency` text NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`order_id`) REFERENCES `orders`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "payments_status" CHECK("status" in ('paid', 'declined')),
	CONSTRAINT "payments_amount" CHECK("amount" >= 0)
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `payments_event` ON `payments` (`provider`,`event_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `payments_reference` ON `payments` (`provider`,`reference`) WHERE "status" = 'paid';--> statement-breakpoint
CREATE INDEX `payments_order` ON `payments` (`order_id`);--> statement-breakpoint
CREATE TABLE `refunds` (
	`id` integer PRIMARY KEY NOT NULL,
	`payment_id` integer NOT NULL,
	`status` text NOT NULL,
	`reason` text NOT NULL,
	`amount` integer NOT NULL,
	`currency` text NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`next_attempt_at` integer NOT NULL,
	`created_at` integer NOT NULL,
	`sent_at` integer,
	FOREIGN KEY (`payment_id`) REFERENCES `payments`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "refunds_status" CHECK("status" in ('pending', 'sent', 'failed')),
	CONSTRAINT "refunds_amount" CHECK("amount" >= 0),
	CONSTRAINT "refunds_attempts" CHECK("attempts" >= 0)
) STRICT;
--> statement-breakpoint
CREATE UNIQUE INDEX `refunds_payment_id_unique` ON `refunds` (`payment_id`);--> statement-breakpoint
CREATE INDEX `refunds_due` ON `refunds` (`next_attempt_at`) WHERE "status" = 'pending';