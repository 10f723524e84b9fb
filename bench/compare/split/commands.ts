/** The commands module of the plain application: its purchase, in the writer's thread. */
import { purchase } from './purchase.ts';

export const commands = { purchase };
