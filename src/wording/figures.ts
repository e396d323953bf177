import type {
  Connection,
  FigureData,
  FigureId,
  Growth,
  PolicyMatrix,
  Probe,
  ProbeRow,
  ReportFigures,
  WalkedPacket,
} from '../report/figure-data.ts';
import { counted, grouped, inWords } from '../words.ts';
import { failureWords, percentText, secondsText } from './words.ts';

type Outcome = WalkedPacket['rules']['outcomes'][number];

/** `14–16`, or one number where all branches agree. */
export function rangeText({ min, max }: { min: number; max: number }): string {
  return min === max ? grouped(min) : `${grouped(min)}–${grouped(max)}`;
}

/** `10.20.1.10 → 10.24.9.186:80 tcp` */
export function packetText({ from, to, port, protocol }: WalkedPacket['rules']['packet']): string {
  return `${from} → ${to}:${port} ${protocol}`;
}

/** How a packet ends that is not sent to another address. */
export function endWords(verdict: Outcome['verdict']): string {
  if (verdict === 'NONE') return 'no rule rewrites the destination';
  return verdict === 'UNKNOWN' ? 'cannot tell' : verdict;
}

/** What follows the end of a packet: is its source rewritten too? */
export function masqueradeWords(masquerade: boolean | null): string {
  if (masquerade === null) return ', masqueraded or not: cannot tell';
  return masquerade ? ', source masqueraded' : '';
}

/** The mean over all ways a packet may take, weighted by their chances: `16`, `16.5`; what cannot be told says so. */
export function meanText({ mean }: Growth['examined']['first']): string {
  return mean === null ? 'cannot tell' : grouped(Math.round(mean * 10) / 10);
}

/** What one number of Services comes to: `10 Services: 16 rules to the first, …`. */
export function growthPointWords({ services, examined: { first, middle, last, none } }: Growth): string {
  return `${counted(services, 'Service')}: ${meanText(first)} rules to the first, ${meanText(middle)} to the middle one, ${meanText(last)} to the last, ${meanText(none)} to an address of no Service`;
}

/** The computed walks, number by number. */
export function growthWords(growth: readonly Growth[]): string {
  return `Rules examined, mean: ${growth.map(growthPointWords).join('; ')}. Map lookups: the same for any number of Services, not counted`;
}

/** What the computed walks rest on. */
export function growthPremise(growth: readonly Growth[]): string {
  const endpoints = [...new Set(growth.map((point) => counted(point.endpoints, 'endpoint')))];
  return `Rulesets written the way kube-proxy writes them in iptables mode, complete tables, every Service of type ClusterIP with ${inWords(endpoints)}, none on this node. One packet of a local pod opens a connection to the first, the middle and the last Service, and to an address of no Service.`;
}

/** What the counters of the rules that match rose by, where they were recorded around a probe. */
function countedWords({ steps, countedDuring }: WalkedPacket['rules']): string {
  const rises = steps.flatMap(({ matched, line, counted: packets }) =>
    matched && packets !== undefined ? [`line ${line} ${packets}`] : [],
  );
  return countedDuring === undefined || rises.length === 0
    ? ''
    : ` Packets counted while ${countedDuring} ran: ${rises.join(', ')}.`;
}

function walkWords({ packets, growth }: FigureData['walk']): string[] {
  const sentences = packets.map(({ label, rules, service }) => {
    const ends = rules.outcomes.map(({ verdict, target, probability, masquerade }) => {
      const end = verdict === 'DNAT' ? `DNAT to ${target}` : endWords(verdict);
      return `${percentText(probability)} ${end}${masqueradeWords(masquerade)}`;
    });
    const found = service?.row
      ? `${service.row.address}, one of ${counted(service.row.backends.length, 'backend')}`
      : 'none';
    const row = service ? `; service row of ${packetText(service.packet)}: ${found}` : '';
    return `${label}: ${packetText(rules.packet)}: ${rangeText(rules.examined)} captured rules examined: ${ends.join('; ')}${row}.${countedWords(rules)}`;
  });
  return [...sentences, `Computed, not captured. ${growthPremise(growth)} ${growthWords(growth)}.`];
}

/**
 * The numbers of a probe in words: `9 of 20 answered in 1.5 s; failures about 0.05 s each`.
 * @param options.pods whether to name the pods that answered
 */
export function probeWords(
  { requests, answered, failed, seconds, span, said }: Probe,
  { pods: named = true } = {},
): string {
  const words = [
    `${answered.count} of ${requests.length} answered ${span === undefined ? `in ${secondsText(seconds)}` : `within ${secondsText(span)}`}`,
  ];
  const pods = podsOf(requests).map(({ pod, answers }) => `${pod} (${answers})`);
  if (named && pods.length > 0) words.push(`by ${inWords(pods)}`);
  if (failed.typical !== undefined) words.push(`failures about ${secondsText(failed.typical)} each`);
  if (answered.count > 0 && failed.count > 0 && failed.count <= 5) {
    words.push(
      `failed: request${failed.count > 1 ? 's' : ''} ${inWords(requests.flatMap(({ answered: ok, number }) => (ok ? [] : [String(number)])))}`,
    );
  }
  const ends = [...Map.groupBy(requests, ({ exit }) => exit)].flatMap(([exit, all]) =>
    exit === undefined ? [] : [`${all.length} ${failureWords(exit)}`],
  );
  if (ends.length > 0) words.push(inWords(ends));
  const slow = requests.filter((request) => request.slow);
  if (slow.length > 0) {
    words.push(
      `request${slow.length > 1 ? 's' : ''} ${inWords(slow.map(({ number }) => String(number)))} took ${inWords(slow.map((each) => secondsText(each.seconds)))}`,
    );
  }
  if (said !== undefined) words.push(`its heading says ~${said} s (not measured)`);
  return words.join('; ');
}

/** Which pods answered how many requests, in the order of their first answer; none where no answer names its pod. */
export function podsOf(requests: Probe['requests']): { pod: string; answers: number }[] {
  const groups = Map.groupBy(
    requests.flatMap(({ pod }) => pod ?? []),
    (pod) => pod,
  );
  return [...groups].map(([pod, all]) => ({ pod, answers: all.length }));
}

/** The probe as the page calls it: `V1 Cluster mode`. */
export function probeName({ name }: ProbeRow, side: keyof ProbeRow['sides']): string {
  return `${side.toUpperCase()} ${name}`;
}

function timelineWords({ rows }: FigureData['timeline']): string[] {
  return rows.flatMap((row) =>
    (['v1', 'v2'] as const).map((side) => {
      const probe = row.sides[side];
      return `${probeName(row, side)}: ${probe ? probeWords(probe) : 'not captured'}.`;
    }),
  );
}

/** One connection with the way of its packets. */
export function connectionWords({ source, destination, events, opened, closed }: Connection): string {
  const state = opened && closed ? 'from SYN to FIN' : opened ? 'begins with SYN, no end seen' : 'begun before';
  const packets = events.map(
    ({ direction, flags, seen }) => `${direction === 'reply' ? 'reply ' : ''}${flags.join('+') || seen}`,
  );
  return `${source.host} to ${destination.host}, ${counted(events.length, 'event')}, ${state}: ${packets.join(', ')}`;
}

function flowsWords({ capture, connections, drops }: FigureData['flows']): string[] {
  const own = connections.map(
    (connection, index) => `${capture}, connection ${index + 1}: ${connectionWords(connection)}.`,
  );
  return [
    ...own,
    ...drops.map(({ source, destination, events }) => {
      const reasons = [...new Set(events.map(({ seen }) => seen))];
      return `${events[0]?.evidence.capture}: dropped on the way from ${source.host} to ${destination.host}: ${inWords(reasons)}.`;
    }),
  ];
}

/** What a matrix is about. */
export function matrixTitle({ target }: PolicyMatrix): string {
  return `Who may reach ${target.name ?? 'the target'}${target.port ? ` on port ${target.port}` : ''}`;
}

function policyWords(matrices: FigureData['policy']): string[] {
  return matrices.flatMap((matrix) =>
    matrix.rows.map(({ source, cells }) => {
      const name = `${source.kind === 'reserved' ? 'reserved:' : ''}${source.name}`;
      const said = cells.map(({ verdict, basis }, index) => {
        const title = matrix.columns[index]?.title;
        return `${title}: ${basis === 'none' ? 'nothing known' : `${verdict === 'unknown' ? 'both or not known' : verdict}, ${basis}`}`;
      });
      return `${matrixTitle(matrix)}, ${matrix.side.toUpperCase()}: ${name}: ${said.join('; ')}.`;
    }),
  );
}

/** What each figure says, in sentences: for whoever does not see it. */
const words: { readonly [Id in FigureId]: (data: FigureData[Id]) => string[] } = {
  walk: walkWords,
  timeline: timelineWords,
  flows: flowsWords,
  policy: policyWords,
};

/** The words of every figure that has its data. */
export function figureWords(figures: ReportFigures): { [Id in FigureId]?: string[] } {
  const of = <Id extends FigureId>(id: Id) => {
    const figure = figures[id];
    return figure && words[id](figure.data);
  };
  return Object.fromEntries(
    (Object.keys(words) as FigureId[]).flatMap((id) => {
      const own = of(id);
      return own ? [[id, own]] : [];
    }),
  );
}
