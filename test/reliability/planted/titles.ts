/** Reads the titles of a test file from its source, without running it. */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseAst } from 'vitest/node';
import { root } from '../../support/server-process.ts';

/** Stands in a title for a part that is known only when the test runs. */
export const HOLE = '\0';

/** The titles of test files, and the sources that have the text of their holes. */
export interface Titles {
  /** For each test the titles of its groups and its own, joined by blanks. */
  fullNames: readonly string[];
  /** The test files and the test modules that they import. */
  sources: readonly string[];
}

interface Node {
  type: string;
  [key: string]: unknown;
}

interface Template extends Node {
  quasis: { value: { cooked: string } }[];
}

interface Module {
  /** Full names of tests outside of functions that have a name. */
  tests: string[];
  /** Titles of tests by the function that registers them when a test file calls it. */
  suites: Map<string, string[]>;
  /** Titles of groups, each after those around it and with a blank at its end. */
  groups: string[];
  imports: string[];
  source: string;
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
const isTemplate = (node: Node): node is Template => node.type === 'TemplateLiteral';

/** The text of a string or a template; a hole for any other expression. */
function textOf(node: Node): string {
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value;
  return isTemplate(node) ? node.quasis.map(({ value }) => value.cooked).join(HOLE) : HOLE;
}

/** The identifier before the modifiers of a call: `test` in `test.skipIf(…).each(…)(…)`. */
function calledName(node: Node): string {
  if (node.type === 'Identifier') return String(node.name);
  const inner = node.callee ?? node.object;
  return isNode(inner) ? calledName(inner) : '';
}

/** Replaces vitest's formats: `%s` and `$name`. */
const withHoles = (title: string): string =>
  title.replaceAll(/%%|%[sdifjoOc#$]|\$[\w.]+/g, (format) => (format === '%%' ? '%' : HOLE));

/** The function and the title of a call that registers a test or a group; null for another node. */
function registered({ type, callee, arguments: args }: Node): { by: string; title: string } | null {
  // The first call of `test.each(…)('…', …)` has only the rows.
  if (type !== 'CallExpression' || !isNode(callee) || !Array.isArray(args) || args.length < 2) return null;
  const by = calledName(callee);
  if (!/^(?:describe$|test|it$)/.test(by)) return null;
  const text = textOf(args[0]);
  return { by, title: callee.type === 'CallExpression' ? withHoles(text) : text };
}

function collect(node: Node, around: string, tests: string[], module: Module): void {
  let [groupsAround, registering] = [around, tests];
  const found = registered(node);
  if (found?.by === 'describe') {
    groupsAround = `${around}${found.title} `;
    module.groups.push(groupsAround);
  } else if (found) {
    tests.push(`${around}${found.title}`);
  } else if (node.type === 'FunctionDeclaration' && isNode(node.id)) {
    registering = [];
    module.suites.set(String(node.id.name), registering);
  }
  for (const child of Object.values(node).flat().filter(isNode))
    collect(child, groupsAround, registering, module);
}

function read(path: string): Module {
  const source = readFileSync(path, 'utf8');
  const imports = [...source.matchAll(/^(?:import|export) [^;]*?from '(\.[^']+)';$/gm)].map(([, from = '']) =>
    resolve(path, '..', from),
  );
  const module: Module = { tests: [], suites: new Map(), groups: [], imports, source };
  collect(parseAst(source, { lang: 'ts' }) as unknown as Node, '', module.tests, module);
  return module;
}

/** Returns a function that reads the titles of test files. It reads each module once. */
export function createTitleReader(): (files: readonly string[]) => Titles {
  const modules = new Map<string, Module>();
  const moduleAt = (path: string): Module => {
    const module = modules.get(path) ?? read(path);
    modules.set(path, module);
    return module;
  };
  const titlesOf = (file: string): Titles => {
    const paths = new Set([join(root, file)]);
    for (const path of paths)
      for (const imported of moduleAt(path).imports)
        if (imported.startsWith(join(root, 'test/')) && existsSync(imported)) paths.add(imported);
    const { tests, groups, source } = moduleAt(join(root, file));
    const all = [...paths].map(moduleAt);
    const called = all
      .flatMap(({ suites }) => [...suites])
      .flatMap(([name, titles]) => (new RegExp(`\\b${name}\\(`).test(source) ? titles : []));
    // Which group calls a suite is not known.
    const fromSuites = ['', ...groups].flatMap((around) => called.map((title) => `${around}${title}`));
    return { fullNames: [...tests, ...fromSuites], sources: all.map((module) => module.source) };
  };
  return (files) => {
    const titles = files.map(titlesOf);
    return {
      fullNames: titles.flatMap(({ fullNames }) => fullNames),
      sources: titles.flatMap(({ sources }) => sources),
    };
  };
}
