import { describe, expect, it } from 'vitest';
import { type FieldKind, field } from '../../src/formats/field.ts';
import { valueFields } from '../../src/formats/values.ts';

/** `kind path=value` of every piece. */
function pieces(value: string, hint?: FieldKind): string[] {
  const fields = valueFields({ value, start: 100, end: 100 + value.length }, [], hint);
  for (const { start, end, value: piece } of fields) expect(value.slice(start - 100, end - 100)).toBe(piece);
  return fields.map(({ kind, path, value: piece }) => `${kind} ${path.join('.')}=${piece}`);
}

describe('valueFields', () => {
  it.each<[string, FieldKind | undefined, string[]]>([
    ['80:31057/TCP', undefined, ['port port=80', 'port nodePort=31057', 'protocol protocol=TCP']],
    [
      '10.20.0.8:80,[fd00::1]:80',
      undefined,
      ['ip 0.ip=10.20.0.8', 'port 0.port=80', 'ip 1.ip=fd00::1', 'port 1.port=80'],
    ],
    [
      '10.20.0.8:80,10.20.0.9:80 + 3 more...',
      undefined,
      ['ip 0.ip=10.20.0.8', 'port 0.port=80', 'ip 1.ip=10.20.0.9', 'port 1.port=80', 'count more=3'],
    ],
    ['136.64.249.50 (VIP)', undefined, ['ip ip=136.64.249.50', 'state mode=VIP']],
    ['10.0.0.0/8', undefined, ['prefix =10.0.0.0/8']],
    ['::ffff:10.0.0.1', undefined, ['ip =::ffff:10.0.0.1']],
    ['999.1.1.1', undefined, ['text =999.1.1.1']],
    ['46m (x4 over 50m)', 'age', ['age =46m', 'count count=4', 'age span=50m']],
    ['2d4h', 'age', ['age =2d4h']],
    ['2d4h', undefined, ['text =2d4h']],
    ['4 (2d4h ago)', 'count', ['count =4', 'age ago=2d4h']],
    ['<none>', 'node', ['text =<none>']],
    ['app=nginx,tier=web', undefined, ['text app=nginx', 'text tier=web']],
    ['netflow-test/nginx', undefined, ['namespace namespace=netflow-test', 'name name=nginx']],
    ['node/a', undefined, ['text kind=node', 'node name=a']],
    ['gke-a-b-c7a308a6-bnmh/10.10.0.3', 'node', ['node =gke-a-b-c7a308a6-bnmh', 'ip ip=10.10.0.3']],
    [
      '{"kubernetes.io/service-name":"netflow-test/nginx"}',
      undefined,
      ['namespace kubernetes.io/service-name.namespace=netflow-test', 'name kubernetes.io/service-name.name=nginx'],
    ],
    ['{"a":[]}', undefined, ['text a=[]']],
    [
      'https://www.googleapis.com/compute/v1/projects/p/zones/z/instances/i',
      undefined,
      ['text base=https://www.googleapis.com/compute/v1', 'name projects=p', 'name zones=z', 'node instances=i'],
    ],
    [
      'us-central1/targetPools/a433432921d1a44f9b12e84eff8ab128',
      undefined,
      ['name scope=us-central1', 'hash targetPools=a433432921d1a44f9b12e84eff8ab128'],
    ],
    [
      'dial tcp 10.20.0.9:80: refused, 1.2.3',
      undefined,
      ['text =dial tcp ', 'ip ip=10.20.0.9', 'port port=80', 'text text=: refused, 1.2.3'],
    ],
    ['2026-07-01T17:11:48.998-07:00', undefined, ['timestamp =2026-07-01T17:11:48.998-07:00']],
    ['a6:b1:ed:39:f3:a4', undefined, ['mac =a6:b1:ed:39:f3:a4']],
    ['6385', 'identity', ['identity =6385']],
    ['', undefined, []],
  ])('%s (%s)', (value, hint, expected) => {
    expect(pieces(value, hint)).toEqual(expected);
  });
});

describe('field', () => {
  it.each<[string, FieldKind, string[] | undefined]>([
    ['nginx-bb6b8c496-4d49g', 'pod', ['nginx', 'bb6b8c496', '4d49g']],
    ['nginx-66c7s', 'name', ['nginx', '66c7s']],
    ['gke-authlab-gke-primary-c7a308a6-bnmh', 'node', ['gke-authlab-gke-primary', 'c7a308a6', 'bnmh']],
    ['k8s-d22eb523ac8ee445-node', 'name', ['k8s', 'd22eb523ac8ee445', 'node']],
    ['client-allowed', 'pod', undefined],
    ['nginx', 'name', undefined],
    ['a-'.repeat(1000), 'name', undefined],
  ])('%s', (value, kind, expected) => {
    const { parts } = field({ value, start: 7, end: 7 + value.length }, [], kind);
    expect(parts?.map((part) => part.value)).toEqual(expected);
    for (const part of parts ?? []) expect(value.slice(part.start - 7, part.end - 7)).toBe(part.value);
  });
});
