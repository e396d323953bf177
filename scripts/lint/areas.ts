/** A part of the tree, and what may stand in its import lines. */
export interface Area {
  name: string;
  /** Folders (with a slash at the end) and files, relative to the root. The longest one that fits decides. */
  holds: readonly string[];
  /** What stands there, as CONTRIBUTING says it. */
  what: string;
  /** Names of areas it may import. */
  may: readonly string[];
  /** Names of areas it may import types of. */
  types?: readonly string[];
  /** Packages and modules of Node it may import. */
  packages?: readonly string[];
}

const FILES = ['node:fs', 'node:path'];
const BELOW_REPORT = ['common', 'formats', 'recipe', 'captures', 'model', 'netfilter', 'analysis'];

/** Who may import whom: the data's way, from what is read to what is drawn. The one table; CONTRIBUTING shows it. */
export const areas: readonly Area[] = [
  {
    name: 'common',
    holds: ['src/problem.ts', 'src/validate.ts', 'src/words.ts', 'src/yaml.ts'],
    what: 'problems in words, one voice for schemas, YAML with its lines, lists in words',
    may: [],
    packages: ['zod', 'yaml'],
  },
  {
    name: 'formats',
    holds: ['src/formats/'],
    what: 'one file per kind of output: parser, grammar, comparison shape, completeness, sample',
    may: ['common'],
    packages: ['yaml', 'get-east-asian-width', 'shiki', 'node:net'],
  },
  {
    name: 'recipe',
    holds: ['src/recipe/'],
    what: 'the schema of layers.yaml (its only definition) and its reading',
    may: ['common', 'formats'],
    packages: ['zod', 'yaml', ...FILES],
  },
  {
    name: 'captures',
    holds: ['src/captures/'],
    what: 'header, codec and reading of capture files',
    may: ['common'],
    types: ['recipe'],
    packages: ['zod', 'yaml', 'gray-matter', 'node:crypto', ...FILES],
  },
  {
    name: 'model',
    holds: ['src/model/'],
    what: 'the facts of each side, read once, each with its places',
    may: ['common', 'formats', 'recipe'],
  },
  {
    name: 'netfilter',
    holds: ['src/netfilter/'],
    what: 'the rule evaluator by itself; knows no recipe',
    may: ['common', 'formats'],
    packages: ['node:crypto'],
  },
  {
    name: 'analysis',
    holds: ['src/analysis/'],
    what: 'what follows from the model: roles, comparison, checks, findings, drift, packets, policy matrix',
    may: ['common', 'formats', 'recipe', 'model', 'netfilter'],
    types: ['captures'],
    packages: ['yaml'],
  },
  {
    name: 'report',
    holds: ['src/report/'],
    what: 'everything the page, the checks and programs say, as one object, and its JSON',
    may: BELOW_REPORT,
    packages: ['zod'],
  },
  {
    name: 'wording',
    holds: ['src/wording/'],
    what: 'facts to words, in one place',
    may: ['common'],
    types: [...BELOW_REPORT, 'report'],
    packages: ['node:util'],
  },
  {
    name: 'highlight',
    holds: ['src/highlight/'],
    what: 'outputs to coloured HTML',
    may: ['formats'],
    types: ['recipe', 'report'],
    packages: ['shiki'],
  },
  {
    name: 'figures',
    holds: ['src/figures/'],
    what: 'report to SVG and HTML; computes nothing',
    may: ['common', 'wording'],
    types: [...BELOW_REPORT, 'report'],
  },
  {
    name: 'browser',
    holds: ['src/browser/'],
    what: 'the scripts of the page',
    may: [],
    types: ['report'],
  },
  {
    name: 'page',
    holds: [
      'src/components/',
      'src/layouts/',
      'src/pages/',
      'src/styles/',
      'src/site.ts',
      'src/data-root.ts',
      'src/integration.ts',
    ],
    what: 'the page: components draw what they are handed, pages ask for the report',
    may: ['common', 'recipe', 'captures', 'report', 'wording', 'highlight', 'figures', 'browser'],
    types: ['analysis'],
    packages: ['astro', '@resvg/resvg-js', 'node:module', 'node:crypto', ...FILES],
  },
  {
    name: 'scripts',
    holds: ['scripts/'],
    what: 'thin command lines; the recorder',
    may: [...BELOW_REPORT, 'report', 'wording'],
    packages: ['node:*', 'typescript', 'yaml', 'zod', '@playwright/test'],
  },
  {
    name: 'recorder',
    holds: ['scripts/capture.ts', 'scripts/capture/'],
    what: 'runs the plan of layers.yaml on a live cluster',
    may: ['common', 'formats', 'recipe', 'captures', 'scripts'],
    packages: [
      'node:*',
      '@secretlint/core',
      '@secretlint/profiler',
      '@secretlint/secretlint-rule-preset-recommend',
      'execa',
      'listr2',
      'shescape',
      'yaml',
      'zod',
    ],
  },
];
