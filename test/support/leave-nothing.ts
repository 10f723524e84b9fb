/** Runs before each test file: what it writes goes away after its last test. */
import { afterAll } from 'vitest';
import { removeScratchFolders } from './scratch-folder.ts';

afterAll(removeScratchFolders);
