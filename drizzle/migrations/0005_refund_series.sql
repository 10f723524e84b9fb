ALTER TABLE `refunds` ADD `series_start` integer DEFAULT 0 NOT NULL;
--> statement-breakpoint
-- Until now each series began at a multiple of 48.
UPDATE `refunds` SET `series_start` = iif(`status` = 'pending', `attempts`, max(`attempts` - 1, 0)) / 48 * 48;
