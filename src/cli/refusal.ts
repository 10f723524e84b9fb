/** What a command can't or won't do, in one line for whoever typed it. */

/** 1: refused. 2: misused. */
export type FailedExitCode = 1 | 2;

export class Refusal extends Error {
  readonly exitCode: FailedExitCode;
  constructor(message: string, exitCode: FailedExitCode = 1) {
    super(message);
    this.name = 'Refusal';
    this.exitCode = exitCode;
  }
}

export const misuse = (message: string): Refusal => new Refusal(message, 2);

/** An error as one line, whoever has thrown it. */
export const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replaceAll(/\s*\n\s*/g, ' ');
