import type {
  AgesBesideSlow,
  EndpointsCompared,
  EndpointsListed,
  ExternalPolicy,
  ServiceFinding,
} from '../../analysis/findings/service.ts';
import { counted } from '../../words.ts';
import { NBSP, sideName, type Words } from '../parts.ts';
import type { Sentences } from './sentences.ts';

/** What the outputs show of the Service, in words. */
export const serviceSentences: Sentences<ServiceFinding> = {
  'endpoints-listed': listed,
  'endpoints-compared': compared,
  'pool-nodes': ({ nodes }) => `The pool holds ${counted(nodes, 'node')}.`,
  'service-age': ({ age }) => `The Service is ${ageText(age)} old.`,
  'external-policy': policy,
  'ages-beside-slow': agesBesideSlow,
};

const UNITS: Readonly<Record<string, string>> = { s: 's', m: 'min', h: 'h', d: 'd', y: 'y' };

/** kubectl's `3h5m` as a reader says it: `3 h 5 min`. */
export function ageText(age: string): string {
  const parts = [...age.matchAll(/(\d+)([a-z]+)/g)];
  const isAge = parts.length > 0 && parts.map(([whole]) => whole).join('') === age;
  if (!isAge) return age;
  return parts.map(([, number, unit = '']) => `${number}${NBSP}${UNITS[unit] ?? unit}`).join(NBSP);
}

function listed({ endpoints, unprinted, unready }: EndpointsListed): string {
  const what = counted(endpoints, unready ? 'address' : 'ready address');
  const others = unprinted === 1 ? 'one' : unprinted;
  const rest = unprinted > 0 ? `; kubectl prints ${endpoints - unprinted} and counts the other ${others}` : '';
  return `${what} ${endpoints === 1 ? 'is' : 'are'} listed${unready ? ', ready or not' : ''}${rest}.`;
}

function compared({ endpoints: { v1, v2 } }: EndpointsCompared): Words {
  if (v1 === v2) return [`As many on both sides: ${v1}.`];
  return [sideName('v1'), ` lists ${v1}, `, sideName('v2'), ` ${v2}.`];
}

function policy({ policy: value }: ExternalPolicy): Words {
  const head = ['The external traffic policy is ', { code: value }];
  if (value === 'Cluster') return [...head, ': a node may send a connection from outside to a pod on any node.'];
  if (value === 'Local') return [...head, ': a node sends a connection from outside to its own pods only.'];
  return [...head, '.'];
}

function agesBesideSlow({ ages, slow }: AgesBesideSlow): Words {
  const part = (side: 'v1' | 'v2') => {
    const count = slow[side];
    if (count === undefined) return [sideName(side), ' was not probed here'];
    return [sideName(side), ` has ${count === 0 ? 'no slow request' : counted(count, 'slow request')}`];
  };
  return [
    ...part('v1'),
    ', ',
    ...part('v2'),
    '. The Services differ in age, too: when they were listed, ',
    sideName('v1'),
    `’s was ${ageText(ages.v1)} old, `,
    sideName('v2'),
    `’s ${ageText(ages.v2)}. Whether that is why, the outputs do not show.`,
  ];
}
