/** The files that pages load, each read once, on the first request. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { PageFiles } from '../http/page-file-routes.ts';
import { pathOf } from '../split/program-files.ts';

function readOnce(find: () => string): () => string {
  let text: string | null = null;
  return () => {
    text ??= readFileSync(find(), 'utf8');
    return text;
  };
}
const own = (name: string): (() => string) => readOnce(() => pathOf(`src/pages/assets/${name}`));
const ofPackage = (name: string): (() => string) =>
  readOnce(() => createRequire(import.meta.url).resolve(name));

export const pageFiles: PageFiles = {
  'admin.css': own('admin.css'),
  'admin.js': own('admin.js'),
  'reference.css': own('reference.css'),
  'shop.css': own('shop.css'),
  'shop.js': own('shop.js'),
  'uplot.css': ofPackage('uplot/dist/uPlot.min.css'),
  'uplot.js': ofPackage('uplot/dist/uPlot.iife.min.js'),
};
