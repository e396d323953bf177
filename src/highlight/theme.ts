import type { ThemeRegistrationRaw } from 'shiki/types';

/** Classes a token can have on the page; src/styles/output.css gives them their colours in both themes. */
const tokenClasses = {
  h: ['markup.heading'],
  m: ['comment', 'punctuation.definition.comment'],
  k: ['entity.name.tag', 'variable.parameter'],
  t: ['keyword'],
  c: ['entity.name.function'],
  a: ['constant.other.address'],
  n: ['constant.numeric'],
  s: ['string'],
  g: ['markup.inserted'],
  b: ['markup.deleted'],
} as const;

/** One of the token classes. */
export type TokenClass = keyof typeof tokenClasses;

const names = Object.keys(tokenClasses) as TokenClass[];
/** Shiki speaks in colours and the page in classes: each class has a colour that stands for it and is never shown. */
const sentinel = (index: number) => `#0000${(index + 1).toString(16).padStart(2, '0')}`;

/** The class a sentinel colour stands for; undefined for plain text. */
export function classOf(colour: string | undefined): TokenClass | undefined {
  return names.find((_, index) => sentinel(index) === colour?.toLowerCase());
}

/** The theme handed to Shiki. */
export const theme: ThemeRegistrationRaw = {
  name: 'sentinel',
  type: 'light',
  fg: '#ffffff',
  bg: '#000000',
  settings: [
    { settings: { foreground: '#ffffff', background: '#000000' } },
    ...names.map((name, index) => ({ scope: [...tokenClasses[name]], settings: { foreground: sentinel(index) } })),
  ],
};
