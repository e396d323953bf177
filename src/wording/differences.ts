import type { Difference, RowVerdict } from '../analysis/types.ts';
import type { SaidDifferences } from '../report/differences.ts';
import type { Report } from '../report/report.ts';
import { counted, shortened, VALUE } from '../words.ts';
import { roleLabel } from './words.ts';

/** Quoted values longer than this are left to the lines themselves. */
const QUOTED = 24;

/** `Request 4 status: no answer on V1, answered with 200 on V2 (000 | 200)` */
function differenceWords({ path, what, v1, v2 }: Difference): string {
  const short = v1 && v2 && v1.text.length <= QUOTED && v2.text.length <= QUOTED;
  const name = shortened(path.replaceAll(' / ', ' '), VALUE);
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}: ${what}${short ? ` (${v1.text.trim()} | ${v2.text.trim()})` : ''}`;
}

/** `44 values: 30 equal, 8 matched by role (ClusterIP, VIP), 6 set aside by rule (age, count), none different` */
export function comparedWords(row: RowVerdict): string {
  const { differences, rules, counts } = row;
  const { values, equal, byRole, aside, different } = counts;
  const sum = (all: readonly { count: number }[]) => all.reduce((total, { count }) => total + count, 0);
  const kinds = Map.groupBy(differences, ({ path }) => path.split(' / ').at(-1) ?? path);
  const parts = [
    `${equal} equal`,
    ...(byRole.length > 0
      ? [`${sum(byRole)} matched by role (${byRole.map(({ role }) => roleLabel(role)).join(', ')})`]
      : []),
    ...(rules.length > 0 ? [`${sum(aside)} set aside by rule (${rules.join(', ')})`] : []),
    different > 0
      ? `${different} different (${[...kinds].map(([kind, all]) => `${all.length} × ${kind}`).join(', ')})`
      : 'none different',
  ];
  return `${counted(values, 'value')}: ${parts.join(', ')}`;
}

const APART = 'Two kinds of output: their lines stand beside each other and are not compared';

const groupHeads = {
  vip: 'LoadBalancer: the VIP',
  'cluster-ip': 'ClusterIP',
  'node-port': 'NodePort',
  shared: 'what these frontends share',
  rest: 'all other lines',
} as const;

/** The rows that both sides have, line by line and with what is said of them: the data of the full-size view. */
export function saidDifferences({ layers, differences }: Pick<Report, 'layers' | 'differences'>): SaidDifferences[] {
  const verdicts = new Map(
    layers.flatMap(({ rows }) => rows.flatMap(({ sides, evidence }) => [[sides.v1?.key, evidence] as const])),
  );
  return differences.map((row) => {
    const verdict = verdicts.get(row.v1);
    return {
      ...row,
      words: (row.apart ? [] : verdict?.differences)?.map(differenceWords) ?? [],
      heads: row.groups.map(([, of]) => groupHeads[of]),
      says: row.apart ? APART : verdict ? comparedWords(verdict) : '',
    };
  });
}
