/** The files of uPlot from its package, each read once, on the first request. */
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
