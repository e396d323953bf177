import { expect, test } from 'vitest';
import { walkGrowth } from '../../src/netfilter/growth.ts';

test('each Service more is one rule more on the way to the last one', () => {
  const [ten, twenty] = walkGrowth([10, 20]);
  expect(ten).toMatchObject({ services: 10 });
  expect(twenty?.examined.first).toEqual(ten?.examined.first);
  expect(twenty?.examined.last.max).toBe((ten?.examined.last.max ?? 0) + 10);
  expect(twenty?.examined.none.max).toBe((ten?.examined.none.max ?? 0) + 10);
  // 3 endpoints: one rule of KUBE-SERVICES, four of KUBE-SVC, six of KUBE-SEP.
  expect((twenty?.rules ?? 0) - (ten?.rules ?? 0)).toBe(110);
});
