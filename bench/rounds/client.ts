/** The process of a closed loop's client. */
import { runClosedLoop } from './closed-loop.ts';
import { answerPlan } from './plan-process.ts';

answerPlan(runClosedLoop);
