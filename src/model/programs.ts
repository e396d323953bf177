import { type Stated, stated, statedAll } from './stated.ts';
import type { Subject } from './subject.ts';

/* The eBPF programs of a node: which are loaded, which stand at which interface, and which interface is a pod's. */

/** A program at an interface of the node. */
export interface Attachment {
  subject: Subject;
  device: Stated;
  /** Number of the interface on the node. */
  index: Stated;
  /** As printed: `tcx/ingress`, `clsact/egress`, `driver`. */
  kind: Stated;
  name?: Stated;
  /** Number of the program. */
  program: Stated;
}

/** A program that is loaded. */
export interface LoadedProgram {
  capture: string;
  id: Stated;
  name?: Stated;
}

/** Where a pod's interface ends on the node. */
export interface PodInterface {
  capture: string;
  pod?: Stated;
  /** Name of the interface inside the pod. */
  name: string;
  /** Number of its other end: `14` of `eth0@if14`. */
  peer: Stated;
}

/** What the outputs of one side say of programs. */
export interface ProgramFacts {
  attached: Attachment[];
  loaded: LoadedProgram[];
  interfaces: PodInterface[];
}

/** Reads what the outputs say of programs. */
export function programFacts(subjects: readonly Subject[]): ProgramFacts {
  const facts: ProgramFacts = { attached: [], loaded: [], interfaces: [] };
  for (const subject of subjects) {
    const { key: capture, parsed } = subject;
    if (parsed.format === 'bpftool-net') {
      facts.attached.push(
        ...parsed.attachments.map(({ device, index, kind, name, program }) => ({
          subject,
          device: stated(subject, device),
          index: stated(subject, index),
          kind: stated(subject, kind),
          program: stated(subject, program),
          ...statedAll(subject, { name }),
        })),
      );
    } else if (parsed.format === 'bpftool-prog') {
      facts.loaded.push(
        ...parsed.programs.map(({ id, name }) => ({
          capture,
          id: stated(subject, id),
          ...statedAll(subject, { name }),
        })),
      );
    } else if (parsed.format === 'pod-network') {
      const { pod } = parsed;
      for (const { name, link } of parsed.interfaces) {
        const peer = /^if(\d+)$/.exec(link?.value ?? '')?.[1];
        if (link && peer !== undefined)
          facts.interfaces.push({
            capture,
            name: name.value,
            peer: stated(subject, link, peer),
            ...statedAll(subject, { pod }),
          });
      }
    }
  }
  return facts;
}
