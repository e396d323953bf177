import { expect, test } from 'vitest';
import { consistencyChecks } from '../../../src/analysis/checks.ts';
import { modelOf } from '../../../src/model/model.ts';
import { subjectsOf, texts } from '../committed.ts';

const NAT = 'v1/l4-iptables-nat';

/** How a check comes out after an edit of the nat rules. */
function jumps(change: (text: string) => string) {
  const subjects = subjectsOf(new Map(texts).set(NAT, change(texts.get(NAT) ?? '')));
  const found = consistencyChecks(modelOf(subjects)).find(({ id }) => id === 'v1/jump-targets');
  return { status: found?.status, why: found?.why };
}

const svl =
  '-A KUBE-SVL-P2CJC57QC736K2NH -m comment --comment "netflow-test/nginx -> 10.20.0.8:80" -j KUBE-SEP-WINV7FEMCBPDEZGG\n';
const sep = (address: string) =>
  `-A KUBE-SEP-GONEGONEGONEGONE -s ${address}/32 -m comment --comment "netflow-test/nginx" -j KUBE-MARK-MASQ\n` +
  `-A KUBE-SEP-GONEGONEGONEGONE -p tcp -m comment --comment "netflow-test/nginx" -m tcp -j DNAT --to-destination ${address}:80\n`;

test('chains that kube-proxy left over break nothing and are named', () => {
  expect(jumps((text) => text + svl + sep('10.20.0.99'))).toEqual({
    status: 'holds',
    why: `19 rules of netflow-test/nginx in ${NAT}; KUBE-MARK-MASQ was not captured; left over, without a way in: KUBE-SVL-P2CJC57QC736K2NH and KUBE-SEP-GONEGONEGONEGONE`,
  });
});

test('a chain for an endpoint of now to which nothing leads is a contradiction', () => {
  expect(jumps((text) => text + sep('10.20.0.9'))).toMatchObject({
    status: 'broken',
    why: expect.stringMatching(
      /^line \d+ belongs to netflow-test\/nginx, and no entrance of it leads there; line \d+ /,
    ),
  });
});

test('without a whole list of endpoints no chain of an endpoint passes for left over', () => {
  const outputs = new Map(texts)
    .set(NAT, (texts.get(NAT) ?? '') + sep('10.20.0.99'))
    .set('v1/l1-service-detail', (texts.get('v1/l1-service-detail') ?? '').replace(/^Endpoints:.*\n/m, ''));
  for (const key of ['v1/l3-endpoints', 'v1/l3-endpointslice']) outputs.delete(key);
  const found = consistencyChecks(modelOf(subjectsOf(outputs))).find(({ id }) => id === 'v1/jump-targets');
  expect(found?.status).toBe('broken');
});
