/** Runs a plan in a child process, so that a client shares no thread with its parent. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

type Message<Event, Result> = { kind: 'event'; event: Event } | { kind: 'result'; result: Result };

/**
 * Starts `program`, which calls `answerPlan`, and sends it the plan. Resolves with its result;
 * rejects if it ends without any (the reason is on standard error).
 */
export function runPlan<Plan extends object, Event, Result>(
  program: URL,
  plan: Plan,
  onEvent: (event: Event) => void,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(program));
    child.on('message', (message: Message<Event, Result>) => {
      if (message.kind === 'event') onEvent(message.event);
      else resolve(message.result);
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      reject(new Error(`The client ended without a result (${signal ?? `code ${code}`}).`));
    });
    child.send(plan);
  });
}

/** The child's side: runs the plan, reports events, sends the result and exits. */
export function answerPlan<Plan, Event, Result>(
  run: (plan: Plan, report: (event: Event) => void) => Promise<Result>,
): void {
  const send = (message: Message<Event, Result>): Promise<void> =>
    new Promise((resolve) => process.send?.(message, undefined, undefined, () => resolve()));
  process.once('message', async (plan: Plan) => {
    const result = await run(plan, (event) => void send({ kind: 'event', event }));
    await send({ kind: 'result', result });
    process.disconnect();
  });
  // Without a parent, no process reads the figures.
  process.once('disconnect', () => process.exit());
}
