/** The files that pages load, bundled with the Worker. */
import plotScript from 'uplot/dist/uPlot.iife.min.js';
import plotStyle from 'uplot/dist/uPlot.min.css';
import type { PageFiles } from '../http/page-file-routes.ts';
import adminStyle from '../pages/assets/admin.css';
import adminScript from '../pages/assets/admin.js';
import referenceStyle from '../pages/assets/reference.css';
import shopStyle from '../pages/assets/shop.css';
import shopScript from '../pages/assets/shop.js';

export const pageFiles: PageFiles = {
  'admin.css': () => adminStyle,
  'admin.js': () => adminScript,
  'reference.css': () => referenceStyle,
  'shop.css': () => shopStyle,
  'shop.js': () => shopScript,
  'uplot.css': () => plotStyle,
  'uplot.js': () => plotScript,
};
