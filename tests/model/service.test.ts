import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { sideModel } from '../../src/model/model.ts';
import { type ServiceFacts, serviceFacts } from '../../src/model/service.ts';
import { distinct, valuesOf } from '../../src/model/stated.ts';
import type { Subject } from '../../src/model/subject.ts';
import { buildReport } from '../../src/report/report.ts';
import { texts } from '../analysis/committed.ts';
import { published } from '../analysis/edited-outputs.ts';
import { subject } from '../analysis/subject.ts';

const nginx = { namespace: 'netflow-test', name: 'nginx' };
const traced = (...subjects: Subject[]) => serviceFacts(subjects).service;

describe('a description that holds two Services', () => {
  const roots: string[] = [];
  afterAll(() => {
    for (const root of roots) rmSync(root, { recursive: true, force: true });
  });

  /** What the checks, the roles and the figures say of the published outputs with other descriptions on both sides. */
  function said(described: (own: string) => string) {
    const root = mkdtempSync(join(tmpdir(), 'dpv-service-'));
    roots.push(root);
    cpSync('layers.yaml', join(root, 'layers.yaml'));
    cpSync('captures', join(root, 'captures'), { recursive: true });
    for (const key of ['v1/l1-service-detail', 'v2/l1-service-detail'])
      writeFileSync(join(root, 'captures', `${key}.txt`), described(texts.get(key) ?? ''));
    const report = buildReport(root);
    return {
      checks: report.checks.map(({ id, status, why }) => ({ id, status, why })),
      roles: report.values.map(({ occurrences: _places, ...value }) => value),
      mappings: report.layers.flatMap(({ rows }) => rows.map(({ id, evidence }) => [id, evidence?.mapping])),
      figures: report.figures,
    };
  }

  /** Another LoadBalancer, with everything of its own. */
  const other = (own: string, namespace: string, name: string) =>
    own
      .replaceAll('netflow-test', namespace)
      .replaceAll('nginx', name)
      .replace(/136\.64\.249\.50|34\.72\.78\.182/, '192.0.2.80')
      .replace(/(IPs?: +)10\.24\.[\d.]+/g, '$110.24.3.3')
      .replace(/31057|30574/, '32222')
      .replace(/\nEndpoints: .*/, '\nEndpoints:  10.20.0.77:80,10.20.1.77:80')
      .replace(/target-pool: [0-9a-f]+/, 'target-pool: a000000000000000000000000000beef');
  const web = (own: string) => other(own, 'netflow-test', 'web');
  const inShop = (own: string) => other(own, 'shop', 'nginx');

  const usual = said((own) => own);
  test.each<[string, (own: string) => string]>([
    ['the other one first', (own) => `${web(own)}\n\n${own}`],
    ['the other one behind', (own) => `${own}\n\n${web(own)}`],
    ['one of the same name in another namespace first', (own) => `${inShop(own)}\n\n${own}`],
  ])('%s: roles, checks and figures speak of the traced one', (_name, described) => {
    const now = said(described);
    expect(now.checks.filter(({ status }) => status === 'broken')).toEqual([]);
    expect(now).toEqual(usual);
  });
});

describe('the traced Service', () => {
  const table = (name: string, type: string, external = '<none>') =>
    `NAME  TYPE  CLUSTER-IP  EXTERNAL-IP  PORT(S)  AGE\n${name}  ${type}  10.24.0.9  ${external}  80:31057/TCP  1m\n`;
  const described = (...names: string[]) =>
    names
      .map(
        (name, index) =>
          `Name:  ${name}\nNamespace:  shop\nType:  LoadBalancer\nIP:  10.24.0.${index}\nLoadBalancer Ingress:  192.0.2.${index}\nNodePort:  http  3100${index}/TCP\nSession Affinity:  None\n`,
      )
      .join('\n\n');
  const pool = (name: string) =>
    `description: '{"kubernetes.io/service-name":"shop/${name}"}'\nkind: compute#targetPool\n`;
  const rule = (ip: string) =>
    `NAME  REGION  IP_ADDRESS  IP_PROTOCOL  TARGET\na1  us-central1  ${ip}  TCP  us-central1/targetPools/a1\n`;
  const two = subject('v1', 'l1-detail', 'describe', described('web', 'cart'));

  test('is named with its namespace in the published outputs', () => {
    for (const side of ['v1', 'v2'] as const)
      expect(traced(...published().filter((one) => one.side === side))).toEqual(nginx);
  });
  test.each<[string, Subject]>([
    ['the description of the pool', subject('v1', 'l2-pool', 'yaml', pool('cart'))],
    ['the address of the forwarding rule', subject('v1', 'l1-rule', 'kubectl-table', rule('192.0.2.1'))],
    ['a NodePort by itself', subject('v1', 'l3-port', 'key-value', 'NodePort: 31001\n')],
    ['a table of Services', subject('v1', 'l1-ips', 'kubectl-table', table('cart', 'LoadBalancer', '192.0.2.1'))],
    ['its endpoints', subject('v1', 'l3-ep', 'kubectl-table', 'NAME  ENDPOINTS  AGE\ncart  10.20.0.8:80  1m\n')],
  ])('of two that are described is the one of %s', (_what, telling) => {
    expect(traced(two, telling)).toEqual({ namespace: 'shop', name: 'cart' });
    expect(traced(telling, two)).toEqual({ namespace: 'shop', name: 'cart' });
  });
  test('of two of which as many outputs tell is the first', () => {
    expect(traced(two)).toEqual({ namespace: 'shop', name: 'web' });
  });
  test('is the one that most outputs tell of, wherever they stand', () => {
    const web = subject('v1', 'l1-a', 'describe', described('web'));
    const cart = [
      subject('v1', 'l1-b', 'kubectl-table', table('cart', 'LoadBalancer')),
      subject('v1', 'l1-c', 'describe', described('cart')),
    ];
    expect(traced(web, ...cart)?.name).toBe('cart');
    expect(traced(...cart, web)?.name).toBe('cart');
  });
  test('is known from any output that names one', () => {
    const name = (...outputs: Subject[]) => traced(...outputs)?.name;
    expect(name(subject('v1', 'l2-pool', 'yaml', pool('cart')))).toBe('cart');
    expect(name(subject('v1', 'l1-ips', 'kubectl-table', table('cart', 'NodePort')))).toBe('cart');
    expect(name(subject('v1', 'l1-y', 'yaml', 'kind: Service\nmetadata:\n  name: cart\n'))).toBe('cart');
  });
  test('is none that has a ClusterIP alone, nor one of which an EndpointSlice tells alone', () => {
    const slice = 'NAME  ADDRESSTYPE  PORTS  ENDPOINTS  AGE\ncart-x7x7x  IPv4  80  10.20.0.8  1m\n';
    expect(traced(subject('v1', 'l1-ips', 'kubectl-table', table('relay', 'ClusterIP')))).toBeUndefined();
    expect(traced(subject('v1', 'l3-slice', 'kubectl-table', slice))).toBeUndefined();
  });
  test('has nothing of the Services beside it', () => {
    const all = subject(
      'v1',
      'l1-ips',
      'kubectl-table',
      'NAMESPACE  NAME  TYPE  CLUSTER-IP  EXTERNAL-IP  PORT(S)  AGE\nshop  cart  LoadBalancer  10.24.0.1  192.0.2.1  80:31001/TCP  5m\nshop  web  LoadBalancer  10.24.0.2  192.0.2.2  80:31002/TCP  6m\nother  cart  LoadBalancer  10.24.0.3  192.0.2.3  80:31003/TCP  7m\n',
    );
    const facts = serviceFacts([two, all, subject('v1', 'l2-pool', 'yaml', pool('cart'))]);
    expect(values(facts)).toMatchObject({
      clusterIp: '10.24.0.1',
      vip: '192.0.2.1',
      nodePort: '31001',
      madeFor: 'shop/cart',
      age: '5m',
    });
  });
});

/** The distinct values of every fact. */
function values({ service: _service, ...facts }: ServiceFacts): Record<string, string> {
  return Object.fromEntries(Object.entries(facts).map(([thing, statements]) => [thing, valuesOf(statements).join()]));
}

test('objects in YAML say the same as tables and descriptions', () => {
  const service = `
kind: Service
metadata: {name: cart, namespace: shop}
spec:
  clusterIP: 10.24.0.1
  clusterIPs: [10.24.0.1]
  type: LoadBalancer
  selector: {app: cart}
  ports:
  - {name: http, nodePort: 31001, port: 80, targetPort: 8080}
  - {name: tls, nodePort: 31002, port: 443, targetPort: 8443}
status: {loadBalancer: {ingress: [{ip: 192.0.2.1}]}}`;
  const endpoints = `
kind: Endpoints
metadata: {name: cart, namespace: shop}
subsets:
- addresses: [{ip: 10.20.0.8, nodeName: n1}, {ip: 10.20.0.9}]
  notReadyAddresses: [{ip: 10.20.0.10}]
  ports: [{port: 8080}]`;
  const slice = `
kind: EndpointSlice
metadata: {name: cart-x7x7x, namespace: shop, labels: {kubernetes.io/service-name: cart}}
endpoints: [{addresses: [10.20.0.8]}, {addresses: [10.20.0.9]}]
ports: [{port: 8080}]`;
  const list = `kind: List\nitems:${[service, endpoints, slice].map((object) => `\n-${object.replaceAll('\n', '\n  ').slice(2)}`).join('')}\n`;
  const wanted = {
    clusterIp: '10.24.0.1',
    vip: '192.0.2.1',
    nodePort: '31001,31002',
    port: '80,443',
    targetPort: '8080,8443',
    selector: 'app=cart',
    endpoints: '10.20.0.8:8080,10.20.0.9:8080',
    endpointIps: '10.20.0.8,10.20.0.9',
  };
  const apart = [service, endpoints, slice].map((text, index) => subject('v1', `l3-y${index}`, 'yaml', `${text}\n`));
  for (const subjects of [apart, [subject('v1', 'l3-list', 'yaml', list)]]) {
    const facts = serviceFacts(subjects);
    expect(facts.service).toEqual({ namespace: 'shop', name: 'cart' });
    expect(values(facts)).toMatchObject(wanted);
    expect(facts.nodePort.flatMap((one) => one.values.map(({ value, port }) => `${port} ${value}`))).toEqual([
      '80 31001',
      '443 31002',
    ]);
  }
});

test('every value stands where the model says', () => {
  for (const side of ['v1', 'v2'] as const) {
    const { service } = sideModel(
      side,
      published().filter((one) => one.side === side),
    );
    const { service: _name, selector: _labels, madeFor: _names, endpoints: _pairs, ...facts } = service;
    for (const { capture, name, values: all } of Object.values(facts).flat()) {
      expect(name.endsWith(capture)).toBe(true);
      expect(distinct(all).length).toBeGreaterThan(0);
      for (const { value, at } of all) expect(texts.get(capture)?.slice(at.start, at.end)).toBe(value);
    }
  }
});
