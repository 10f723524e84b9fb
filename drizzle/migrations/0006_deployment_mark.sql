CREATE TABLE `deployment` (
	`id` integer PRIMARY KEY NOT NULL,
	`mark` text NOT NULL,
	CONSTRAINT "deployment_single" CHECK("id" = 1),
	CONSTRAINT "deployment_mark" CHECK(length("mark") = 32 and "mark" not glob '*[^0-9a-f]*')
) STRICT;
