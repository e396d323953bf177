import { expect, test } from 'vitest';
import { consistencyChecks } from '../../src/analysis/checks.ts';
import { compareRow } from '../../src/analysis/compare.ts';
import { factsOf } from '../../src/analysis/drift/facts.ts';
import { findingsOf } from '../../src/analysis/findings.ts';
import { packetWalks } from '../../src/analysis/packets.ts';
import { roleValues } from '../../src/analysis/roles.ts';
import { type Model, modelOf } from '../../src/model/model.ts';
import type { SideId } from '../../src/recipe/schema.ts';
import { type Edit, published } from './edited-outputs.ts';

const RULES = 'v1/l4-iptables-nat';
const MAP = 'v2/l4-ebpf-service-map';

/** What everybody says of the rules, or of the service map, of a model. */
const everybody: Record<string, (model: Model, side: SideId) => unknown> = {
  checks: (model, side) =>
    consistencyChecks(model).flatMap((check) => (check.side === side ? [[check.id, check.status, check.why]] : [])),
  'chains among the roles': (model) =>
    roleValues(model).flatMap(({ role, value }) => (role === 'chain' ? [value] : [])),
  comparison: (model) => {
    const of = (side: SideId) => model.subjects.find(({ layer, side: on }) => layer === 'l4' && on === side);
    const { why, differences } = compareRow(model, of('v1'), of('v2'), roleValues(model));
    return [why, differences.map(({ path, what }) => [path, what])];
  },
  drift: (model, side) =>
    factsOf(model.sides[side]).filter(({ area }) => ['rules', 'Services', 'backends'].includes(area)),
  packets: (model) =>
    packetWalks(model, roleValues(model)).map(({ rules: { packet, walk }, services }) => [
      packet,
      walk.outcomes,
      services?.packet,
      services?.lookup.frontend?.name,
      services?.lookup.backends.map(({ name }) => name),
    ]),
};

const edits: Record<SideId, Edit[]> = {
  v1: [
    [RULES, /KUBE-SVC-P2CJC57QC736K2NH/g, 'KUBE-SVC-AAAAAAAAAAAAAAAA'],
    [RULES, /^-A KUBE-SEP-WINV7FEMCBPDEZGG .*DNAT.*\n/m, ''],
    [RULES, /^:KUBE-SVC-BRK3.*\n/m, ''],
    [RULES, /^-A KUBE-SERVICES .*"kube-system\/kube-dns:dns cluster IP".*\n/m, ''],
  ],
  v2: [
    [MAP, /( {2,}3 => 10\.20\.1\.10:80.*\n)(?=21)/, ''],
    [MAP, /^21 .*\n(?: .*\n)*/m, ''],
    [MAP, /^2 .*\n(?: .*\n)*/m, ''],
  ],
};

test.each(['v1', 'v2'] as const)('the model is the only reader of what the dataplane of %s does', (side) => {
  const [before, after] = [modelOf(published()), modelOf(published(...edits[side]))];
  const { dataplane, rulesets } = after.sides[side];
  // The outputs stay as they were published; only what the model says of them is another.
  const substituted: Model = {
    ...before,
    sides: { ...before.sides, [side]: { ...before.sides[side], dataplane, rulesets } },
  };
  for (const [name, said] of Object.entries(everybody)) {
    if (side === 'v2' && name.startsWith('chains')) continue;
    expect(said(substituted, side), name).toEqual(said(after, side));
    expect(said(substituted, side), name).not.toEqual(said(before, side));
  }
});

test('whoever counts the rules of the Service counts the same, whatever they lack', () => {
  const without = (lines: RegExp): Edit => [RULES, lines, ''];
  const counts = (...changes: Edit[]) => {
    const model = modelOf(published(...changes));
    const said = findingsOf({ model, rows: [] }).find(({ kind }) => kind === 'rules-own');
    const rules = said?.kind === 'rules-own' ? String(said.own) : undefined;
    const fact = factsOf(model.sides.v1).find(({ what }) => what === 'rules of netflow-test/nginx');
    const check = consistencyChecks(model).find(({ id }) => id === 'v1/jump-targets');
    const [mapped] = [everybody.comparison?.(model, 'v1')] as [[string]];
    const found = [
      rules,
      fact?.value,
      /(\d+) rules against/.exec(mapped[0])?.[1],
      /^(\d+) rules/.exec(check?.why ?? '')?.[1],
    ];
    return [...new Set(found.filter((count) => count !== undefined))];
  };
  expect(counts()).toEqual(['16']);
  // The comments name the Service no longer: its addresses and its NodePort do.
  expect(counts([RULES, /(?<=KUBE-(?:SERVICES|NODEPORTS) .*)netflow-test\/nginx/g, 'x']).length).toBe(1);
  // No rule asks for its external address: the comments name it still.
  expect(counts(without(/^-A KUBE-SERVICES -d 136\..*\n/m))).toEqual(['15']);
});
