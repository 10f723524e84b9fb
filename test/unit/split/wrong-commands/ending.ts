/** Ends its thread as it is imported. */
import { exit } from 'node:process';

exit(3);
