import type { AgentStatus } from '../../model/agent.ts';
import { citationsOf } from '../../model/citation.ts';
import type { FrontendKind } from '../../model/kinds.ts';
import type { Model, SideModel } from '../../model/model.ts';
import type { Stated } from '../../model/stated.ts';
import type { Subject } from '../../model/subject.ts';
import type { TrackedConnection, TrackedOutput } from '../../model/tracked.ts';
import { type SideId, sideIds } from '../../recipe/schema.ts';
import { aboutOutput, type FindingOf, type Named } from './finding.ts';

/* What nodes keep of connections, how the agent says that it serves Services, and which programs stand at the pod. */

/** Connections to one way into the Service. */
export interface TrackedGroup {
  kind: FrontendKind;
  connections: number;
  /** Where they were sent, as `address:port`; those of which no entry tells are counted in `unsent`. */
  backends: string[];
  unsent: number;
  /** How many had the client's address replaced, how many not, and of how many that is not recorded. */
  replaced: number;
  kept: number;
  untold: number;
  /** The addresses that replaced it. */
  as: string[];
}

/** The connections to the Service of one output, by the way in. */
export interface TrackedConnections extends FindingOf<'tracked-connections'> {
  /** `table` for netfilter's, which tells all of a connection; `maps` for Cilium's, which tell what has an entry. */
  by: 'table' | 'maps';
  groups: TrackedGroup[];
}

/** On both sides: of the connections from outside, how many had the client's address replaced, as far as recorded. */
export interface TrackedCompared extends FindingOf<'tracked-compared'> {
  sides: Record<SideId, { replaced: number; connections: number }>;
}

/** One setting of the agent as it prints it, which says how it serves Services. */
export interface AgentServes extends FindingOf<'agent-serves'> {
  setting: 'kubeProxyReplacement' | 'socketLb' | 'nodePortMode' | 'masquerading';
  value: string;
  /** Of socket load balancing: `Full`, or `Hostns-only` where pods are left out; absent where it is not printed. */
  coverage?: string;
}

/** A program at an interface. */
export interface ProgramAt {
  /** Its name, else its number. */
  name: string;
  kind: string;
}

/** The programs at the node's end of the pod's interface; none where none stands there. */
export interface ProgramsAtPod extends FindingOf<'programs-at-pod'> {
  pod?: Named;
  /** Name inside the pod, and the number of its other end. */
  inside: string;
  index: string;
  /** Name of the other end, where a program stands there. */
  device?: string;
  programs: ProgramAt[];
}

/** What the kernel and the agent show. */
export type KernelFinding = TrackedConnections | TrackedCompared | AgentServes | ProgramsAtPod;

/** What the kernel and the agent show, in page order, and what the sides' connections show beside each other. */
export function kernelFindings(model: Model): KernelFinding[] {
  const own = model.subjects.flatMap((subject): KernelFinding[] => {
    const side = model.sides[subject.side];
    return [
      ...side.tracked.filter((one) => one.subject.key === subject.key).flatMap((one) => tracked(model, one)),
      ...side.agent.statuses.filter((one) => one.subject.key === subject.key).flatMap((one) => serves(model, one)),
      ...atPod(model, side, subject),
    ];
  });
  return [...own, ...comparison(model)];
}

const placesOf = (connections: readonly TrackedConnection[]) =>
  connections.flatMap(({ frontend, backend, as }) => [frontend, backend, as].flatMap((one) => (one ? [one.at] : [])));
const values = (all: readonly (Stated | undefined)[]) => [...new Set(all.flatMap((one) => one?.value ?? []))];

function tracked(model: Model, { subject, connections }: TrackedOutput): TrackedConnections[] {
  if (connections.length === 0) return [];
  const groups = [...Map.groupBy(connections, ({ kind }) => kind)].map(([kind, all]): TrackedGroup => {
    const sent = all.filter(({ backend }) => backend);
    const count = (wanted: boolean | undefined) => sent.filter(({ masqueraded }) => masqueraded === wanted).length;
    return {
      kind,
      connections: all.length,
      backends: values(sent.map(({ backend }) => backend)),
      unsent: all.length - sent.length,
      replaced: count(true),
      kept: count(false),
      untold: count(undefined),
      as: values(all.map(({ as }) => as)),
    };
  });
  return [
    {
      kind: 'tracked-connections',
      about: aboutOutput(subject),
      places: citationsOf(model.subjects, placesOf(connections)),
      by: subject.parsed.format === 'conntrack-list' ? 'table' : 'maps',
      groups,
    },
  ];
}

function comparison(model: Model): TrackedCompared[] {
  const sides = sideIds.map((side) => {
    const outputs = model.sides[side].tracked;
    const told = outputs
      .flatMap(({ connections }) => connections)
      .filter(({ kind, masqueraded }) => kind !== 'cluster-ip' && masqueraded !== undefined);
    return { layer: outputs[0]?.subject.layer, told };
  });
  const [v1, v2] = sides;
  if (!v1?.layer || !v2 || v1.told.length === 0 || v2.told.length === 0) return [];
  const of = ({ told }: typeof v1) => ({
    replaced: told.filter(({ masqueraded }) => masqueraded).length,
    connections: told.length,
  });
  return [
    {
      kind: 'tracked-compared',
      about: { layer: v1.layer },
      places: citationsOf(model.subjects, placesOf([...v1.told, ...v2.told])),
      sides: { v1: of(v1), v2: of(v2) },
    },
  ];
}

const SETTINGS = ['kubeProxyReplacement', 'socketLb', 'nodePortMode', 'masquerading'] as const;

function serves(model: Model, status: AgentStatus): AgentServes[] {
  return SETTINGS.flatMap((setting): AgentServes[] => {
    const said = status[setting];
    const coverage = setting === 'socketLb' ? status.socketLbCoverage : undefined;
    if (!said) return [];
    return [
      {
        kind: 'agent-serves',
        about: aboutOutput(status.subject),
        places: citationsOf(model.subjects, [said.at, ...(coverage ? [coverage.at] : [])]),
        setting,
        value: said.value,
        ...(coverage && { coverage: coverage.value }),
      },
    ];
  });
}

function atPod(model: Model, { programs, side }: SideModel, subject: Subject): ProgramsAtPod[] {
  const attached = programs.attached.filter((one) => one.subject.key === subject.key);
  // Without a program the output is there all the same.
  if (subject.parsed.format !== 'bpftool-net') return [];
  return programs.interfaces.slice(0, 1).map(({ pod, name, peer }) => {
    const own = attached.filter(({ index }) => index.value === peer.value);
    const [first] = own;
    return {
      kind: 'programs-at-pod',
      about: aboutOutput(subject),
      places: citationsOf(model.subjects, [peer.at, ...own.map(({ device }) => device.at)]),
      ...(pod && { pod: { role: 'pod', side, value: pod.value } }),
      inside: name,
      index: peer.value,
      ...(first && { device: first.device.value }),
      programs: own.map(({ name: program, program: number, kind }) => ({
        name: program?.value ?? `program ${number.value}`,
        kind: kind.value,
      })),
    };
  });
}
