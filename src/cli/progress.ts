/** Shows the progress of long file work: a bar on a terminal, a line for each step in a log. */
import type { FileProgress } from '../database/sqlite/check-copy.ts';
import { sizeText } from './output.ts';

const BAR_CHARACTERS = 30;
const clearLine = '\r\x1b[K';

const amount = ({ step, total }: FileProgress): string =>
  step === 'checking' ? `${total} checks` : sizeText(total);

function bar(progress: FileProgress): string {
  const { step, done, total } = progress;
  const part = Math.min(1, done / Math.max(1, total));
  const filled = Math.round(part * BAR_CHARACTERS);
  const drawn = '#'.repeat(filled) + '.'.repeat(BAR_CHARACTERS - filled);
  return `${step.padEnd(8)} [${drawn}] ${String(Math.floor(part * 100)).padStart(3)} % of ${amount(progress)}`;
}

/** The part of stderr that this module uses. */
export interface ProgressStream {
  isTTY?: boolean;
  write(text: string): unknown;
}

export interface Progress {
  report(progress: FileProgress): void;
  /** Clears the bar, so that other output can follow. */
  end(): void;
}

export function showProgress(stream: ProgressStream): Progress {
  let step: FileProgress['step'] | null = null;
  let isDrawn = false;
  return {
    report(progress) {
      if (stream.isTTY) {
        stream.write(clearLine + bar(progress));
        isDrawn = true;
      } else if (progress.step !== step) {
        stream.write(`${progress.step}: ${amount(progress)}\n`);
      }
      step = progress.step;
    },
    end() {
      if (isDrawn) stream.write(clearLine);
      isDrawn = false;
    },
  };
}
