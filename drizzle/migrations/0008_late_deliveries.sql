CREATE TABLE `late_deliveries` (
	`subscriber` text NOT NULL,
	`seq` integer NOT NULL,
	`order_id` integer,
	`since` integer NOT NULL,
	`attempts` integer NOT NULL,
	`next_attempt_at` integer NOT NULL,
	PRIMARY KEY(`subscriber`, `seq`)
) STRICT;
--> statement-breakpoint
CREATE INDEX `late_deliveries_due` ON `late_deliveries` (`subscriber`,`next_attempt_at`);