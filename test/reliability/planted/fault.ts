/** What each planted fault states: a patch of the source, and the assertion that must catch it. */

import type { Patch } from '../../support/patched-copy.ts';
import type { FaultClass } from '../fault-classes.ts';

export interface Fault {
  class: FaultClass;
  name: string;
  patches: readonly Patch[];
  /** The files of the tests that are run. */
  tests: readonly string[];
  /** A pattern of full test names: these tests are run, and an assertion of one of them must fail. */
  caughtBy: string;
  /** A pattern of the failure's message, where it is not an AssertionError. */
  message?: string;
}
