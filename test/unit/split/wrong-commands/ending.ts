/** Ends its thread during its import. */
import { exit } from 'node:process';

exit(3);
