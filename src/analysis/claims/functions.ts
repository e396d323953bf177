import { linesOf } from '../../formats/types.ts';
import type { Packet } from '../../model/flows.ts';
import type { SideModel } from '../../model/model.ts';
import type { Probe, ProbeRequest } from '../../model/probes.ts';
import { distinct, type Statement, statedBy } from '../../model/stated.ts';
import { inWords } from '../../words.ts';
import {
  ClaimError,
  factOf,
  inSeconds,
  type ProseContext,
  present,
  probeFrom,
  subjectOf,
  typicalSeconds,
} from './data.ts';
import { ownRows, rulesetOf, rulesOfService, serviceRows } from './service.ts';

/** What an argument of a function is. */
export interface Parameter {
  name: string;
  type: 'text' | 'number';
  optional?: true;
}

/** A function that prose may call. */
export interface ProseFunction {
  parameters: readonly Parameter[];
  /** What it gives, in one line. */
  gives: string;
  run: (context: ProseContext, ...args: never[]) => string | number;
}

const OUTPUT: Parameter = { name: 'output', type: 'text' };
const SERVICE_OR_OUTPUT: Parameter = { name: 'Service or output', type: 'text' };
const NUMBER: Parameter = { name: 'number', type: 'number' };
const DECIMALS: Parameter = { name: 'decimals', type: 'number', optional: true };

const REWRITE = 'Say in the sentence what the output shows.';

/** The functions that prose may call. There are no others, and they call nothing. */
export const functions: Readonly<Record<string, ProseFunction>> = {
  outputs: {
    parameters: [],
    gives: 'number of outputs the recipe names',
    run: ({ outputs }) => outputs.length,
  },
  layers: { parameters: [], gives: 'number of layers', run: ({ layers }) => layers },
  lines: {
    parameters: [OUTPUT],
    gives: 'lines of an output',
    run: (context, key: string) => linesOf(subjectOf(context, key).text).length,
  },
  rules: {
    parameters: [SERVICE_OR_OUTPUT],
    gives:
      'rules in an iptables-save, or rules of one Service (`namespace/name`) in the only one with nat rules of kube-proxy',
    run: (context, what: string) =>
      isOutput(context, what) ? rulesetOf(context, what).rules : rulesOfService(context, what),
  },
  chains: {
    parameters: [OUTPUT],
    gives: 'chains an iptables-save declares',
    run: (context, key: string) => rulesetOf(context, key).chains,
  },
  serviceRows: {
    parameters: [OUTPUT],
    gives: 'services in a `cilium-dbg service list`',
    run: serviceRows,
  },
  ownRows: {
    parameters: [OUTPUT],
    gives: 'services of a `cilium-dbg service list` that are frontends of the traced Service',
    run: ownRows,
  },
  endpoints: {
    parameters: [OUTPUT],
    gives: 'endpoints of the Service that an output lists',
    run: (context, key: string) => {
      const { values, more } = statedIn(context, key, ({ service }) => service.endpointIps, 'endpoints of the Service');
      return distinct(values).length + more;
    },
  },
  nodes: {
    parameters: [OUTPUT],
    gives: 'nodes that an output names',
    run: (context, key: string) =>
      distinct(statedIn(context, key, ({ nodes }) => nodes.named, 'names of nodes').values).length,
  },
  age: {
    parameters: [OUTPUT],
    gives: 'the age an output prints for the Service, in words',
    run: (context, key: string) =>
      ageInWords(statedIn(context, key, ({ service }) => service.age, 'an age of the Service').values[0]?.value ?? ''),
  },
  listening: {
    parameters: [OUTPUT],
    gives: 'the ports on which a pod listens, in decimal',
    run: (context, key: string) =>
      inWords(distinct(statedIn(context, key, ({ pods }) => pods.listening, 'a listening socket').values)),
  },
  requests: {
    parameters: [OUTPUT],
    gives: 'requests of a probe',
    run: (context, key: string) => probeFrom(context, key).requests.length,
  },
  answered: {
    parameters: [OUTPUT],
    gives: 'requests of a probe that were answered',
    run: (context, key: string) => probeFrom(context, key).answered.count,
  },
  allAnswered: {
    parameters: [OUTPUT],
    gives: 'requests of a probe, provided that all of them were answered',
    run: (context, key: string) => {
      const probe = probeFrom(context, key);
      if (probe.failed.count === 0) return probe.requests.length;
      throw new ClaimError('an answer to every request', `none to request ${failures(probe)} in ${key}`, REWRITE);
    },
  },
  noneAnswered: {
    parameters: [OUTPUT],
    gives: 'the word `No`, provided that no request of a probe was answered',
    run: (context, key: string) => {
      const { count } = probeFrom(context, key).answered;
      if (count === 0) return 'No';
      throw new ClaimError('no answer to any request', `${count} in ${key}`, REWRITE);
    },
  },
  failures: {
    parameters: [OUTPUT],
    gives: 'the numbers of the requests that were not answered',
    run: (context, key: string) => failures(probeFrom(context, key)),
  },
  lastFailure: {
    parameters: [OUTPUT],
    gives: 'the number of the last request that was not answered',
    run: (context, key: string) => lastFailure(context, key).number,
  },
  answeredAfterLastFailure: {
    parameters: [OUTPUT],
    gives: 'requests that were answered after the last one that was not',
    run: (context, key: string) => {
      lastFailure(context, key);
      return probeFrom(context, key).trailing.count;
    },
  },
  seconds: {
    parameters: [OUTPUT, NUMBER, DECIMALS],
    gives: 'how long a request took',
    run: (context, key: string, number: number, decimals?: number) => {
      const request = probeFrom(context, key).requests.find((one) => one.number === number);
      return inSeconds(present(request, `request ${number}`, key).seconds, decimals);
    },
  },
  totalSeconds: {
    parameters: [OUTPUT, DECIMALS],
    gives: 'how long all requests of a probe took together',
    run: (context, key: string, decimals?: number) => inSeconds(probeFrom(context, key).seconds, decimals),
  },
  typicalSuccess: {
    parameters: [OUTPUT, DECIMALS],
    gives: 'how long an answered request took (median)',
    run: (context, key: string, decimals?: number) => inSeconds(typicalSeconds(context, key, 'answered'), decimals),
  },
  typicalFailure: {
    parameters: [OUTPUT, DECIMALS],
    gives: 'how long a request without an answer took (median)',
    run: (context, key: string, decimals?: number) => inSeconds(typicalSeconds(context, key, 'failed'), decimals),
  },
  flows: {
    parameters: [OUTPUT],
    gives: 'flows that `hubble observe` printed',
    run: (context, key: string) => packets(context, key).length,
  },
  drops: {
    parameters: [OUTPUT],
    gives: 'flows of `hubble observe` with the verdict DROPPED',
    run: (context, key: string) => packets(context, key).filter(({ verdict }) => verdict === 'DROPPED').length,
  },
  connectedNodes: status('connectedNodes', 'nodes Hubble is connected to'),
  knownNodes: status('knownNodes', 'nodes Hubble knows'),
};

/** What an output states of one thing, which must be there. */
function statedIn(
  context: ProseContext,
  key: string,
  thing: (model: SideModel) => readonly Statement[],
  what: string,
): Statement {
  const own = statedBy(thing(context.model.sides[subjectOf(context, key).side]), key);
  return present(own?.values[0] && own, what, key);
}

function isOutput({ outputs, model: { subjects } }: ProseContext, text: string): boolean {
  return /^v[12]\//.test(text) || outputs.includes(text) || subjects.some(({ key }) => key === text);
}

function failures({ requests }: Probe): string {
  return inWords(requests.flatMap(({ outcome, number }) => (outcome === 'none' ? [String(number)] : [])));
}

function lastFailure(context: ProseContext, key: string): ProbeRequest {
  return present(probeFrom(context, key).lastFailure, 'a request that was not answered', key);
}

function packets(context: ProseContext, key: string): Packet[] {
  return factOf(context, key, ({ flows }) => flows, 'hubble-flows', 'hubble-flows-json').packets;
}

function status(name: 'connectedNodes' | 'knownNodes', gives: string): ProseFunction {
  return {
    parameters: [OUTPUT],
    gives: `${gives}, from a \`hubble status\``,
    run: (context, key: string) => {
      const found = factOf(context, key, ({ hubble }) => hubble.statuses, 'hubble-status')[name];
      return present(found, gives, key).amount.toLocaleString('en');
    },
  };
}

const UNITS: Readonly<Record<string, string>> = { y: 'year', d: 'day', h: 'hour', m: 'minute', s: 'second' };

/** kubectl's `4d3h`, `50m`, `2m5s` (apimachinery, HumanDuration) in words. */
function ageInWords(age: string): string {
  const words = [...age.matchAll(/(\d+)([ydhms])/g)].map(
    ([, count, unit = '']) => `${count} ${UNITS[unit]}${count === '1' ? '' : 's'}`,
  );
  return inWords(words);
}
