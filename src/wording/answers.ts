import type { Finding } from '../analysis/findings.ts';
import type { SideId } from '../recipe/schema.ts';
import type { Answer, ClientMet, Failure, FirstPacket, OneSided } from '../report/answers.ts';
import type { Report } from '../report/report.ts';
import { counted, grouped, inWords } from '../words.ts';
import { rangeText } from './figures.ts';
import { layerFigure, saidText } from './headlines.ts';
import { type Part, sideName, type Words } from './parts.ts';
import { formatWhen, secondsText } from './words.ts';

/** An answer in words: what it is about, what to repeat, and what to know besides. */
export interface AnswerWords {
  about: string;
  say: Words;
  besides: string;
}

/** What an answer says. */
export function answerWords(answer: Answer, report: Report): AnswerWords {
  switch (answer.kind) {
    case 'first-packet':
      return firstPacket(answer);
    case 'client-met':
      return clientMet(answer);
    case 'one-sided':
      return oneSided(answer, report);
  }
}

/** A number of a side, in its colour. */
const figure = (side: SideId, text: string): Part => ({ side, text });

function firstPacket({ label, rules, row }: FirstPacket): AnswerWords {
  const many = `${rangeText(rules)} captured ${rules.max === 1 ? 'rule' : 'rules'}`;
  return {
    about: 'a first packet',
    say: [
      `A first packet, ${label}, is compared with `,
      figure(rules.side, many),
      ' on ',
      sideName(rules.side),
      '.',
      ...(row
        ? [
            ' On ',
            sideName(row.side),
            ' its key finds ',
            figure(row.side, row.found === 0 ? 'no row' : counted(row.found, 'row')),
            row.of === undefined ? '.' : ` of ${grouped(row.of)}.`,
          ]
        : []),
    ],
    besides: `In the kernel’s order; conntrack carries the packets after it.${row ? ` Lookups by key do not grow with the number of Services; on ${row.side.toUpperCase()} they were not counted.` : ''}`,
  };
}

const answered = (requests: readonly boolean[]) => requests.filter(Boolean).length;

function clientMet({ title, policy, pods, sides, later }: ClientMet): AnswerWords {
  const { v1, v2 } = sides;
  const before = [
    ...(policy === undefined ? [] : [`policy ${policy}`]),
    ...(pods === undefined ? [] : [`${pods === 1 ? 'one pod' : counted(pods, 'pod')} left`]),
  ];
  const of = (side: SideId, { requests }: ClientMet['sides'][SideId]): Words => [
    figure(side, `${answered(requests)} of ${requests.length}`),
  ];
  const failures = (['v1', 'v2'] as const).flatMap((side) => {
    const { failure } = sides[side];
    return failure ? [failureText(side, failure)] : [];
  });
  return {
    about: pods === 1 ? 'one pod left' : title,
    say: [
      before.length > 0 ? `With ${inWords(before)}, ` : `In “${title}”, `,
      sideName('v1'),
      ' answered ',
      ...of('v1', v1),
      v1.requests.length === 1 ? ' request, ' : ' requests, ',
      sideName('v2'),
      ' ',
      ...of('v2', v2),
      '.',
    ],
    besides: [
      ...failures,
      `All requests: ${secondsText(v1.seconds)} on V1, ${secondsText(v2.seconds)} on V2.`,
      ...(later.length > 0 ? [`A later probe: ${inWords(later.map(laterText))}.`] : []),
    ].join(' '),
  };
}

const laterText = ({ side, answered: answers, of }: ClientMet['later'][number]) =>
  `${side.toUpperCase()} ${answers} of ${of}`;

function failureText(side: SideId, { seconds, fits }: Failure): string {
  const took = `${side.toUpperCase()}’s failures took ${secondsText(seconds)}`;
  if (fits === 'refusal') return `${took}, one round trip, as after a refusal.`;
  return fits === 'silence' ? `${took} each: silence until a timer ended it, as after a drop.` : `${took} (median).`;
}

/** `flow observability` of `Flow observability`, `NAT chains` as it is: for the middle of a sentence. */
const inSentence = (title: string) => (/^[A-Z][a-z]/.test(title) ? title[0]?.toLowerCase() + title.slice(1) : title);

function oneSided({ layers, side, notAsked }: OneSided, report: Report): AnswerWords {
  const titles = report.layers.filter(({ id }) => layers.includes(id)).map(({ title }) => inSentence(title));
  const said = layers.flatMap((layer) => {
    const one = layerFigure(report, layer, side);
    return one ? [saidText(one)] : [];
  });
  const other = side === 'v1' ? 'V2' : 'V1';
  return {
    about: titles.join(', '),
    say: [
      `${inWords(titles).replace(/^./, (first) => first.toUpperCase())} ${titles.length === 1 ? 'was' : 'were'} captured on `,
      figure(side, `${side.toUpperCase()} only`),
      said.length > 0 ? `: ${inWords(said)}.` : '.',
    ],
    besides: notAsked ? notAskedText(other, layers, report) : `On ${other} nothing of them was captured.`,
  };
}

/** Why the other side has none of what one side alone shows: kube-proxy does not do it, other software may. */
function notAskedText(other: 'V1' | 'V2', layers: readonly string[], { findings }: Report): string {
  const has = (...kinds: readonly Finding['kind'][]) =>
    findings.some(({ kind, about }) => kinds.includes(kind) && layers.includes(about.layer));
  const lacks = [
    ...(has('flows-counted') ? ['keeps no flows'] : []),
    ...(has('policy-intent', 'policy-map-lets-in') ? ['enforces no policy'] : []),
  ];
  if (other === 'V2' || lacks.length === 0) return `${other} was not asked for them.`;
  return `V1 was not asked: kube-proxy ${inWords(lacks)}. Other dataplanes on iptables do.`;
}

/** What a reader may look for and nobody measured. */
export function unmeasured({ answers, figures, findings }: Report): string[] {
  const packet = figures.walk?.data.packets[0];
  const probes = findings.some(({ kind }) => kind === 'probe-after-failure');
  return [
    'throughput, CPU or memory',
    ...(answers.some((answer) => answer.kind === 'first-packet' && answer.row) ? ['lookups in maps'] : []),
    ...(packet && packet.rules.missing.length > 0 ? ['rules outside the captured part'] : []),
    ...(probes ? ['what followed the last request'] : []),
  ];
}

/** The day on which the outputs of a side were captured, or the first and the last: `1 Jul 2026`. */
export function daysText({ captures }: Report, side: SideId): string {
  const own = captures.flatMap((capture) =>
    capture.side === side && capture.stored ? [capture.stored.header?.when] : [],
  );
  const days = [...new Set(own.flatMap((when) => (when === undefined ? [] : [when.slice(0, 10)])))].sort();
  const [first, last] = [days[0], days.at(-1)];
  if (first === undefined || last === undefined) return 'time not recorded';
  return first === last ? formatWhen(first) : `${formatWhen(first)} to ${formatWhen(last)}`;
}

/** `37 outputs, taken over byte for byte from a published trace`, and what it lacks. */
export function originText({ captures, summary }: Report): string {
  const how = summary.published
    ? 'taken over byte for byte from a published trace; exit codes, standard error and when each command ran were not published'
    : captures.some(({ stored }) => stored?.header?.origin === 'published')
      ? 'recorded or taken over byte for byte'
      : 'recorded byte for byte';
  return `${counted(captures.length, 'output')}, ${how}`;
}
