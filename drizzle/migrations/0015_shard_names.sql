ALTER TABLE `followers` RENAME TO `subscribers`;
--> statement-breakpoint
ALTER TABLE `late_deliveries` RENAME TO `deferred_deliveries`;
--> statement-breakpoint
ALTER TABLE `recent_letters` RENAME TO `recent_mails`;
--> statement-breakpoint
ALTER TABLE `customer_places` RENAME TO `customer_shards`;
--> statement-breakpoint
ALTER TABLE `deletion_places` RENAME TO `deletion_shards`;
--> statement-breakpoint
ALTER TABLE `refunds` RENAME COLUMN `key_place` TO `key_shard_id`;
--> statement-breakpoint
ALTER TABLE `customer_shards` RENAME COLUMN `place` TO `shard_id`;
--> statement-breakpoint
ALTER TABLE `deletion_shards` RENAME COLUMN `place` TO `shard_id`;
--> statement-breakpoint
DROP INDEX `late_deliveries_due`;
--> statement-breakpoint
DROP INDEX `recent_letters_recipient`;
--> statement-breakpoint
DROP INDEX `recent_letters_at`;
--> statement-breakpoint
CREATE INDEX `deferred_deliveries_due` ON `deferred_deliveries` (`subscriber`,`next_attempt_at`);
--> statement-breakpoint
CREATE INDEX `recent_mails_recipient` ON `recent_mails` (`recipient`,`allowance`);
--> statement-breakpoint
CREATE INDEX `recent_mails_at` ON `recent_mails` (`at`);
