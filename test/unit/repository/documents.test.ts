/** The documentation is plain English in 120 columns; its links, files and log messages exist. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../../support/server-process.ts';
import { wordingFaults } from '../../support/wording.ts';

const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');
const pages = ['', 'docs', 'bench'].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name)),
);

const filesOfOperators = readdirSync(join(root, 'deploy'), { withFileTypes: true })
  .flatMap((entry) => (entry.isFile() ? [join('deploy', entry.name)] : []))
  .concat('.env.example', '.dev.vars.example', 'wrangler.toml');

/** GitHub's anchor of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{M} _-]/gu, '')
    .replaceAll(' ', '-');

/** The text without code, where brackets are not links and # is not a heading. */
const proseOf = (path: string): string => textOf(path).replaceAll(/^ *```[\s\S]*?^ *```/gm, '');

function anchorsIn(path: string): string[] {
  const headings = [...proseOf(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));
  // A repeated heading has a number appended.
  return headings.map((anchor, at) => {
    const before = headings.slice(0, at).filter((other) => other === anchor).length;
    return before === 0 ? anchor : `${anchor}-${before}`;
  });
}

/** Whether a link's target exists: a path relative to the file, and an optional anchor. */
function leadsSomewhere(from: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? from : relative(root, join(root, dirname(from), path));
  if (!existsSync(join(root, target))) return false;
  return anchor === undefined || (target.endsWith('.md') && anchorsIn(target).includes(anchor));
}

test('pages exist', () => {
  expect(pages.length).toBeGreaterThan(10);
});

test.each(pages)('links in %s exist', (page) => {
  const links = [...proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  const relativeLinks = links.filter((link) => !/^(?:https?|mailto):/.test(link));
  expect(relativeLinks.filter((link) => !leadsSomewhere(page, link))).toEqual([]);
});

test.each(pages)('files named in %s exist', (page) => {
  const named = [...textOf(page).matchAll(/(?<![\w./])(?:src|test|bench|build|drizzle|deploy)\/[\w./-]*\w/g)];
  // A pattern of names is not a path.
  const paths = named.flatMap(({ 0: path, index }) =>
    /[*{]/.test(textOf(page)[index + path.length] ?? '') ? [] : [path],
  );
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test.each(pages)('%s fits in 120 columns', (page) => {
  // A row of a table and a command cannot be wrapped.
  const wrapped = textOf(page)
    .split('\n')
    .filter((line) => !/^ *\||^ {4}\S/.test(line));
  expect(wrapped.filter((line) => line.length > 120)).toEqual([]);
});

test('the documents quote log messages as they are logged', () => {
  const source = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => textOf(join('src', name)))
    .join('\n');
  const messages = ['docs/operations.md', 'docs/edge.md'].flatMap((page) =>
    [...proseOf(page).matchAll(/`((?:an?|the|is|webhooks|buyers|under|Another|Already)\s[\w\s’,:-]+)`/g)].map(
      ([, message = '']) => message.replaceAll(/\s+/g, ' '),
    ),
  );
  expect(messages.length).toBeGreaterThan(15);
  expect(messages.filter((message) => !source.includes(message))).toEqual([]);
});

// RELIABILITY.md quotes the names of tests and planted faults.
const written = [...pages, ...filesOfOperators].filter((path) => path !== 'RELIABILITY.md');

test.each(written)('%s is plain English', (path) => {
  expect(wordingFaults(path, proseOf(path).split('\n'))).toEqual([]);
});

test('files for operators name sections that exist', () => {
  const wrong = filesOfOperators.flatMap((file) =>
    [...textOf(file).matchAll(/\b(?:docs|bench)\/[\w.-]+\.md(?:#[\w-]+)?/g)]
      .map(([link]) => link)
      .filter((link) => !leadsSomewhere('README.md', link))
      .map((link) => `${file}: ${link}`),
  );
  expect(wrong).toEqual([]);
});
