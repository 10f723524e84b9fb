/** The files of uPlot, bundled with the Worker. */
import script from 'uplot/dist/uPlot.iife.min.js';
import style from 'uplot/dist/uPlot.min.css';
import type { PlotFiles } from '../http/deps.ts';

export const plotFiles: PlotFiles = { script: () => script, style: () => style };
