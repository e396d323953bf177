import { match, splitAt } from './cut.ts';
import { type Field, field, isHash, kindOfName } from './field.ts';
import type { Located } from './types.ts';

/*
 * Resources of Compute Engine, in full and as gcloud shortens them:
 *
 *   https://www.googleapis.com/compute/v1/projects/p/zones/us-central1-c/instances/gke-…-bnmh
 *   us-central1/targetPools/ac973ff85436744bfa586378db41283e
 */

const FULL = /^(?<base>https?:\/\/[^/ ]+\/compute\/[a-z0-9]+)\/(?<rest>[^ ]+)$/d;
const SHORT = /^(?<scope>[a-z]+-[a-z]+\d(?:-[a-z])?|global)\/(?<rest>[a-zA-Z]+\/[^ /]+)$/d;

/** The parts of a resource's name, each named by its collection; undefined where `at` is no such name. */
export function gceUrlFields(at: Located, path: readonly string[]): Field[] | undefined {
  const full = match<'base' | 'rest'>(FULL, at);
  if (full) return [field(full.base, [...path, 'base'], 'text'), ...collectionFields(full.rest, path)];
  const short = match<'scope' | 'rest'>(SHORT, at);
  return short && [field(short.scope, [...path, 'scope'], 'name'), ...collectionFields(short.rest, path)];
}

/** `projects/p/zones/z/instances/i`: collection and member in turn; `global` has no member (GCE API design). */
function collectionFields(rest: Located, path: readonly string[]): Field[] {
  const pieces = splitAt(rest, '/');
  const fields: Field[] = [];
  for (let index = 0; index < pieces.length; index++) {
    const collection = pieces[index] as Located;
    const member = pieces[index + 1];
    if (collection.value === 'global' || !member) {
      if (collection.value !== '') fields.push(field(collection, [...path, 'scope'], 'name'));
      continue;
    }
    index++;
    if (member.value !== '') {
      const kind = kindOfName(member.value) ?? (isHash(member.value) ? 'hash' : 'name');
      fields.push(field(member, [...path, collection.value], collection.value === 'instances' ? 'node' : kind));
    }
  }
  return fields;
}
