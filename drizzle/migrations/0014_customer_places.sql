CREATE TABLE `customer_places` (
	`customer` text NOT NULL,
	`place` integer NOT NULL,
	PRIMARY KEY(`customer`, `place`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `deletion_places` (
	`customer` text NOT NULL,
	`place` integer NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`customer`, `place`)
) STRICT, WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `drops_ends` ON `drops` (`ends_at`);
