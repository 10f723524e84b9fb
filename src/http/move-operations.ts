/** The routes that move a drop between deployments; on Workers only. */
import * as v from 'valibot';
import * as answers from '../answers/schemas.ts';
import { operatorOperations } from './operation.ts';

/** The drop's object answers them. */
export const exportOperations = operatorOperations([
  {
    id: 'exportDrop',
    method: 'post',
    path: '/admin/drops/:id/export',
    summary: 'Export a closed drop as a file, to move it to another deployment',
    description:
      'Marks the drop as moved: this deployment then refuses every change to it, and its routes answer `moved`. A repeated export returns the same file.',
    access: 'drops:import',
    object: 'first shard',
    answers: [{ status: 200, description: 'The drop, one row per line.', type: 'application/jsonl' }],
    refusals: ['not_found', 'not_movable'],
    isOnlyOnWorkers: true,
  },
  {
    id: 'undoExport',
    method: 'post',
    path: '/admin/drops/:id/export/undo',
    summary: 'Undo an export whose file was never imported',
    access: 'drops:import',
    object: 'first shard',
    answers: [
      { status: 200, description: 'This deployment serves the drop again.', schema: answers.returned },
    ],
    refusals: ['not_found'],
    isOnlyOnWorkers: true,
  },
]);

/** The Worker in front answers it. */
export const importOperations = operatorOperations([
  {
    id: 'importDrop',
    method: 'post',
    path: '/admin/import',
    summary: 'Import a drop that another deployment exported',
    access: 'drops:import',
    body: { schema: v.looseObject({}), isRaw: true },
    answers: [{ status: 201, description: 'The drop is imported.', schema: answers.imported }],
    refusals: ['not_movable', 'invalid', 'too_large'],
    isOnlyOnWorkers: true,
  },
]);
