CREATE TABLE `generations` (
	`first_key` integer PRIMARY KEY NOT NULL,
	`first_seq` integer NOT NULL,
	`bits` integer NOT NULL,
	CONSTRAINT "generations_first_seq" CHECK("first_seq" >= 1),
	CONSTRAINT "generations_bits" CHECK("bits" between 0 and 16777215)
) STRICT;
