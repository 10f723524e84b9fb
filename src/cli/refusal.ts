/** Errors of commands, each printed as one line. */

/** 1: refused. 2: usage error. */
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

/** The message of an error, on one line. */
export const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replaceAll(/\s*\n\s*/g, ' ');
