CREATE TABLE `link_requests` (
	`id` integer PRIMARY KEY NOT NULL,
	`recipient` text NOT NULL,
	`at` integer NOT NULL
) STRICT;
