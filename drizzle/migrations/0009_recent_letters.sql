CREATE TABLE `recent_letters` (
	`id` integer PRIMARY KEY NOT NULL,
	`recipient` text NOT NULL,
	`allowance` text NOT NULL,
	`seq` integer,
	`at` integer NOT NULL
) STRICT;
--> statement-breakpoint
CREATE INDEX `recent_letters_recipient` ON `recent_letters` (`recipient`,`allowance`);--> statement-breakpoint
CREATE INDEX `recent_letters_at` ON `recent_letters` (`at`);