/** The process of the load generator. */
import { answerPlan } from '../rounds/plan-process.ts';
import { generate } from './generate.ts';

answerPlan(generate);
