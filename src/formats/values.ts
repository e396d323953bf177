import { isIPv4, isIPv6 } from 'node:net';
import { isStandIn, STAND_IN } from './address.ts';
import { match, part, splitAt } from './cut.ts';
import { type Field, type FieldKind, field, isHash, kindOfName } from './field.ts';
import { gceUrlFields } from './gce-url.ts';
import { hintOf } from './hints.ts';
import { parseJson, type TreeNode } from './tree.ts';
import type { Located } from './types.ts';

/*
 * Values that Kubernetes, GCE and Cilium write as one word or one cell, taken apart until every address, port and name
 * stands alone: `80:31057/TCP`, `10.20.0.8:80,10.20.0.9:80`, `46m (x4 over 50m)`, `136.64.249.50 (VIP)`, URLs.
 */

const AGE = String.raw`(?:\d+[ywdhms])+|<invalid>|<unknown>`;
/** kubectl's age, and in events how often and since when (kubectl/pkg/describe, `translateMicroTimestampSince`). */
const AGE_CELL = new RegExp(String.raw`^(?<age>${AGE})(?: \(x(?<count>\d+) over (?<span>${AGE})\))?$`, 'd');
/** The RESTARTS cell: a count, and since Kubernetes 1.22 how long ago the last one was. */
const RESTARTS = new RegExp(String.raw`^(?<count>\d+) \((?<age>${AGE}) ago\)$`, 'd');
const PROTOCOL = '[A-Z][A-Z0-9]*';
const addressWith = (other: string) =>
  new RegExp(
    String.raw`^(?:(?:(?<host>[0-9.]+${other})|\[(?<host6>[0-9A-Fa-f:.]+${other})\]):(?<port>\d{1,5})(?:/(?<protocol>${PROTOCOL}))?|(?<ip>[0-9A-Fa-f:.]+${other})(?:/(?<length>\d{1,3}))?)(?: \((?<mode>[A-Za-z]+)\))?$`,
    'd',
  );
/** `10.0.0.1`, `10.0.0.1/24`, `10.0.0.1:80`, `[fd00::1]:80/TCP`, `34.1.2.3 (VIP)`. */
const ADDRESS = addressWith('');
/** The same with `client-1` in place of an address. */
const REDACTED = addressWith(`|${STAND_IN}`);
/** A Service's port `80/TCP` or `80:31057/TCP`, a policy's range `80-90/TCP`. */
const PORT = new RegExp(
  String.raw`^(?<port>\d{1,5})(?:-(?<last>\d{1,5}))?(?::(?<nodePort>\d{1,5}))?/(?<protocol>${PROTOCOL})$`,
  'd',
);
const MAC = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i;
const TIMESTAMP =
  /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?: ?Z| ?[+-]\d\d:?\d\d)?(?: [A-Z]{2,5})?)?$|^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}$/;
const FRACTION = /^(?<part>\d+)\/(?<whole>\d+)$/d;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** Hints that a plain word follows; under the others it is text. */
const NAMING = new Set<FieldKind>(['name', 'namespace', 'node', 'pod', 'identity', 'protocol']);
/** Hints under which a long number is an identifier, not a quantity. */
const GENERATED = new Set<FieldKind | undefined>([undefined, 'name', 'hash']);
const INTEGER = /^-?\d+$/;
const MORE = /^(?<list>.*[^ ]) \+ (?<more>\d+) more\.\.\.$/ds;
/** The kinds under which `kubectl get` and `-o name` prefix a name. */
const RESOURCE = /^(?<kind>[A-Za-z]+(?:\.[a-z0-9.]+)?)\/(?<name>[a-z0-9][a-z0-9.:-]*)$/d;
const KINDS = new Set(
  'node pod service svc endpoints deployment replicaset daemonset statefulset job namespace configmap secret'.split(
    ' ',
  ),
);
const NAMESPACED = /^(?<namespace>[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)\/(?<name>[a-z0-9][a-z0-9.-]*)$/d;
const LABEL = /^(?<key>[A-Za-z0-9][A-Za-z0-9_./:-]*)=(?<value>[^ ]*)$/d;
/** A host by name, with its port. */
const HOST_PORT = /^(?<host>[a-z0-9][a-z0-9.-]*):(?<port>\d{1,5})$/d;
/** Addresses inside a sentence, with their ports. */
const INSIDE = /(?<![\w.])((?:\d{1,3}\.){3}\d{1,3})(?![\w]|\.\d)(?::(\d{1,5})(?!\w))?/g;

/** Nothing is there, in the words of kubectl and gcloud. */
export function isAbsent(value: string): boolean {
  return value === '' || value === '-' || /^<[a-z]+>$/.test(value);
}

/**
 * Takes a value apart.
 * @param path place of the value in the meaning; the pieces add to it
 * @param hint what the place says about the value; a shape that speaks for itself wins over it
 */
export function valueFields(at: Located, path: readonly string[], hint?: FieldKind): Field[] {
  const { value } = at;
  if (value === '') return [];
  if (isAbsent(value)) return [field(at, path, hint === 'age' ? 'age' : 'text')];
  const known = addressFields(at, path, hint) ?? countedFields(at, path, hint) ?? resourceFields(at, path, hint);
  if (known) return known;
  if (MAC.test(value)) return [field(at, path, 'mac')];
  if (TIMESTAMP.test(value)) return [field(at, path, 'timestamp')];
  if (UUID.test(value) || (isHash(value) && GENERATED.has(hint))) return [field(at, path, 'hash')];
  if (INTEGER.test(value)) return [field(at, path, hint === undefined || hint === 'ip' ? 'number' : hint)];
  return jsonFields(at, path) ?? listFields(at, path, hint) ?? labelFields(at, path) ?? wordFields(at, path, hint);
}

function addressFields(at: Located, path: readonly string[], hint?: FieldKind): Field[] | undefined {
  const port = match<'port' | 'protocol', 'last' | 'nodePort'>(PORT, at);
  if (port) {
    return located(
      [
        [port.port, 'port', 'port'],
        [port.last, 'last', 'port'],
        [port.nodePort, 'nodePort', 'port'],
        [port.protocol, 'protocol', 'protocol'],
      ],
      path,
    );
  }
  const shape = hint === 'ip' ? REDACTED : ADDRESS;
  const found = match<never, 'ip' | 'length' | 'host' | 'host6' | 'port' | 'protocol' | 'mode'>(shape, at);
  const address = found?.ip ?? found?.host ?? found?.host6;
  if (!found || !address) return undefined;
  if (!(isIPv4(address.value) || isIPv6(address.value) || (hint === 'ip' && isStandIn(address.value))))
    return undefined;
  const alone = !found.port && !found.mode;
  if (found.length) return [field(part(at, 0, found.length.end - at.start), alone ? path : [...path, 'ip'], 'prefix')];
  return located(
    [
      [address, alone ? '' : 'ip', 'ip'],
      [found.port, 'port', 'port'],
      [found.protocol, 'protocol', 'protocol'],
      [found.mode, 'mode', 'state'],
    ],
    path,
  );
}

function located(
  pieces: readonly (readonly [Located | undefined, string, FieldKind])[],
  path: readonly string[],
): Field[] {
  return pieces.flatMap(([at, name, kind]) => (at ? [field(at, name === '' ? path : [...path, name], kind)] : []));
}

function countedFields(at: Located, path: readonly string[], hint?: FieldKind): Field[] | undefined {
  const age = match<'age', 'count' | 'span'>(AGE_CELL, at);
  if (age && (hint === 'age' || age.count)) {
    return located(
      [
        [age.age, '', 'age'],
        [age.count, 'count', 'count'],
        [age.span, 'span', 'age'],
      ],
      path,
    );
  }
  const restarts = match<'count' | 'age'>(RESTARTS, at);
  if (restarts)
    return located(
      [
        [restarts.count, '', 'count'],
        [restarts.age, 'ago', 'age'],
      ],
      path,
    );
  const fraction = match<'part' | 'whole'>(FRACTION, at);
  return (
    fraction &&
    located(
      [
        [fraction.part, 'part', 'number'],
        [fraction.whole, 'whole', 'number'],
      ],
      path,
    )
  );
}

/** Names with a kind, a namespace or a URL around them. */
function resourceFields(at: Located, path: readonly string[], hint?: FieldKind): Field[] | undefined {
  const url = gceUrlFields(at, path);
  if (url) return url;
  const resource = match<'kind' | 'name'>(RESOURCE, at);
  if (resource && KINDS.has(resource.kind.value.split('.')[0]?.toLowerCase() ?? '')) {
    const lower = resource.kind.value.toLowerCase();
    const kind = lower === 'node' || lower === 'pod' ? lower : 'name';
    return located(
      [
        [resource.kind, 'kind', 'text'],
        [resource.name, 'name', kind],
      ],
      path,
    );
  }
  const pair = match<'namespace' | 'name'>(NAMESPACED, at);
  if (!pair) return undefined;
  const { namespace, name } = pair;
  if (isIPv4(name.value))
    return located(
      [
        [namespace, '', 'node'],
        [name, 'ip', 'ip'],
      ],
      path,
    );
  if (hint === 'node')
    return located(
      [
        [namespace, 'cluster', 'name'],
        [name, '', 'node'],
      ],
      path,
    );
  const kind = kindOfName(name.value) ?? 'name';
  return located(
    [
      [namespace, 'namespace', 'namespace'],
      [name, 'name', kind],
    ],
    path,
  );
}

/** `a,b,c` and kubectl's `a,b,c + 3 more...`; a sentence with a comma is no list. */
function listFields(at: Located, path: readonly string[], hint?: FieldKind): Field[] | undefined {
  const cut = match<'list' | 'more'>(MORE, at);
  const list = cut?.list ?? at;
  if (
    (hint === 'ip' ? /^[{"]/ : /^(?:[{"]|\[(?![0-9A-Fa-f:.]+\]:))/).test(list.value) ||
    list.value.includes(' ') ||
    !(cut || list.value.includes(','))
  )
    return undefined;
  const items = splitAt(list, ',').flatMap(
    (item, index) => labelFields(item, path) ?? valueFields(item, [...path, String(index)], hint),
  );
  return cut ? [...items, field(cut.more, [...path, 'more'], 'count')] : items;
}

/** `app=nginx`: the key leads to the value. */
function labelFields(at: Located, path: readonly string[]): Field[] | undefined {
  const label = match<'key' | 'value'>(LABEL, at);
  return label && valueFields(label.value, [...path, label.key.value], hintOf(label.key.value));
}

/** JSON in an annotation: `{"kubernetes.io/service-name":"netflow-test/nginx"}`. */
function jsonFields(at: Located, path: readonly string[]): Field[] | undefined {
  const json = /^[[{]/.test(at.value) ? parseJson(at) : undefined;
  return json && treeFields(json, path);
}

/** A name, or a sentence. */
function wordFields(at: Located, path: readonly string[], hint?: FieldKind): Field[] {
  const host = hint === 'name' ? match<'host' | 'port'>(HOST_PORT, at) : undefined;
  if (host)
    return located(
      [
        [host.host, 'host', 'name'],
        [host.port, 'port', 'port'],
      ],
      path,
    );
  const named = kindOfName(at.value);
  if (named || (hint && NAMING.has(hint) && !at.value.includes(' '))) {
    return [field(at, path, named ?? hint ?? 'text')];
  }
  return sentenceFields(at, path);
}

/** Text that is not taken apart, but for the addresses in it. */
export function sentenceFields(at: Located, path: readonly string[]): Field[] {
  const fields: Field[] = [];
  let from = 0;
  const text = (to: number) => {
    const piece = part(at, from, to);
    if (/[^ \t]/.test(piece.value)) fields.push(field(piece, from === 0 ? path : [...path, 'text'], 'text'));
  };
  for (const found of at.value.matchAll(INSIDE)) {
    const [whole, ip = '', port] = found;
    if (!isIPv4(ip)) continue;
    text(found.index);
    from = found.index + whole.length;
    fields.push(field(part(at, found.index, found.index + ip.length), [...path, 'ip'], 'ip'));
    if (port) fields.push(field(part(at, from - port.length, from), [...path, 'port'], 'port'));
  }
  text(at.value.length);
  return fields;
}

/** Every scalar of a node, taken apart, and every empty collection; the path follows the keys and, in lists, the index. */
export function treeFields(node: TreeNode, path: readonly string[], hint = hintOf(path.at(-1) ?? '')): Field[] {
  switch (node.type) {
    case 'scalar':
      return valueFields(node.at, path, hint);
    case 'map':
      if (node.empty) return [field(node.empty, path, 'text')];
      return node.entries.flatMap(({ key, value }) => treeFields(value, [...path, key.value]));
    case 'list':
      if (node.empty) return [field(node.empty, path, 'text')];
      return node.items.flatMap((item, index) => treeFields(item, [...path, String(index)], hint));
  }
}
