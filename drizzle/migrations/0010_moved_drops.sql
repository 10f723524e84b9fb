ALTER TABLE `drops` ADD `moved_at` integer;
