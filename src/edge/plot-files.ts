/** The texts of uPlot as the bundle of a Worker carries them. */
import script from 'uplot/dist/uPlot.iife.min.js';
import style from 'uplot/dist/uPlot.min.css';
import type { PlotFiles } from '../http/deps.ts';

export const plotFiles: PlotFiles = { script: () => script, style: () => style };
