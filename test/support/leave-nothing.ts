/** Runs before each test file and deletes what it wrote after its last test. */
import { afterAll } from 'vitest';
import { removeScratchFolders } from './scratch-folder.ts';

afterAll(removeScratchFolders);
