ALTER TABLE `refunds` ADD `key_place` integer;
