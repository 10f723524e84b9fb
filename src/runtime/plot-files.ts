/** The texts of uPlot as its package has them, read once, when the first operator looks. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { PlotFiles } from '../http/deps.ts';

function readOnce(name: string): () => string {
  let text: string | null = null;
  return () => {
    text ??= readFileSync(createRequire(import.meta.url).resolve(`uplot/dist/${name}`), 'utf8');
    return text;
  };
}

export const plotFiles: PlotFiles = {
  script: readOnce('uPlot.iife.min.js'),
  style: readOnce('uPlot.min.css'),
};
