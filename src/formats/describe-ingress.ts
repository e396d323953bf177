import type { Table } from './columns.ts';
import { indentOf, match, segments } from './cut.ts';
import { type Field, field } from './field.ts';
import type { Line, Located } from './types.ts';
import { isAbsent, valueFields } from './values.ts';

/*
 * The rules of an Ingress in `kubectl describe` (kubectl/pkg/describe, `describeIngressV1`):
 *
 *   Rules:
 *     Host             Path  Backends
 *     ----             ----  --------
 *     web.example.com
 *                      /      whereami:80 (10.68.0.6:8080,10.68.1.7:8080)
 *                      /api   api:8080 (<none>)
 *
 * A host takes a line of its own, so that tabwriter sets the paths below it by widths of their own: they and their
 * backends stand below their host, not under their headings. A path may be empty.
 */

/** True for the headings of that table. */
export function areBackends(headings: readonly Located[]): boolean {
  return headings.map(({ value }) => value).join() === 'Host,Path,Backends';
}

/**
 * A host, a path and its backend, or a backend alone.
 * @param indent of the headings, and of the hosts
 * @returns undefined for any other line
 */
export function backendCells(line: Line, indent: number): Located[] | undefined {
  const [first, second, ...more] = segments(line);
  if (!first || more.length > 0) return undefined;
  const none = { value: '', start: line.start, end: line.start };
  if (indentOf(line.value) <= indent) return second ? undefined : [first, none, none];
  return second ? [none, first, second] : [none, none, first];
}

const BACKEND = /^(?<service>[^ :]+)(?::(?<port>[^ ]+))? \((?<endpoints>[^()]*)\)$/d;

/** The values of the rules; a path is named by its host and itself. */
export function backendFields({ rows }: Table, path: readonly string[]): Field[] {
  let host = '';
  return rows.flatMap(({ cells: [name, route, backend] }) => {
    if (name?.value) host = name.value;
    const own = [...path, host, route?.value ?? ''];
    return [
      ...(name?.value ? [field(name, [...path, host], 'name')] : []),
      ...(route?.value ? [field(route, [...own, 'path'], 'text')] : []),
      ...(backend?.value ? valuesOf(backend, own) : []),
    ];
  });
}

function valuesOf(backend: Located, path: readonly string[]): Field[] {
  const found = match<'service' | 'endpoints', 'port'>(BACKEND, backend);
  if (!found) return valueFields(backend, [...path, 'backend']);
  const { service, port, endpoints } = found;
  return [
    field(service, [...path, 'service'], 'name'),
    ...(port ? [field(port, [...path, 'port'], /^\d+$/.test(port.value) ? 'port' : 'name')] : []),
    ...(isAbsent(endpoints.value) || /[< ]/.test(endpoints.value)
      ? [field(endpoints, [...path, 'endpoints'], 'text')]
      : valueFields(endpoints, [...path, 'endpoints'], 'ip')),
  ];
}
