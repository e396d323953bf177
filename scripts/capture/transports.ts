import type { NodeName, Place } from '../../src/recipe/schema.ts';
import { framed } from './frame.ts';
import { render, type Values, word } from './render.ts';

/** How a node is reached: a debugging pod, or a shell over ssh. */
export type NodeAccess = 'debug' | 'ssh';

/** What the transports need to know besides the variables. */
export interface Access {
  nodeAccess: NodeAccess;
  /** Image of the debugging pod; needs `chroot` only, the command itself is the node's own. */
  debugImage: string;
  /** ssh destination with `{{node}}`, `{{zone}}`, `{{project}}`, such as `{{node}}.{{zone}}.{{project}}`. */
  sshHost: string;
  /** ssh client configuration file (`ssh -F`). */
  sshConfig?: string | undefined;
  /** False where the ssh user is root already. */
  sudo: boolean;
}

/** Namespace of GKE's managed Hubble Relay, and the container in it that holds the hubble client. */
export const RELAY = {
  namespace: 'gke-managed-dpv2-observability',
  target: 'deploy/hubble-relay',
  container: 'hubble-cli',
};

/** A command line ready for the local shell. */
export interface Wrapped {
  /** The whole line, as it is printed and can be run by hand. */
  line: string;
  /** Where it runs, in words. */
  where: string;
}

/**
 * Puts in front of a command line what brings it to its place.
 * Every layer of shell it passes through is quoted once: the line for the shell in the pod or on the node is one
 * word of the local line. kubectl exec takes words, so a line of plain words needs no shell in the pod.
 * @param template command line with variables
 * @param on variable that names the node
 * @param mark puts what runs elsewhere between marks, as it is really run
 */
export function wrap(
  template: string,
  place: Place,
  values: Values,
  access: Access,
  on: NodeName = 'node',
  mark?: string,
): Wrapped {
  const line = render(template, values);
  const value = (name: keyof Values) => valueWord(name, values);
  const there = mark === undefined ? inner(line) : framed(line, mark);
  switch (place) {
    case 'local':
      return { line, where: 'local' };
    case 'pod':
      return {
        line: `kubectl -n ${value('namespace')} exec ${value('pod')} -c nginx -- ${there}`,
        where: `pod ${values.pod ?? '{{pod}}'}`,
      };
    case 'agent':
      return {
        line: `kubectl -n kube-system exec ${value('agentPod')} -c cilium-agent -- ${there}`,
        where: `agent ${values.agentPod ?? '{{agentPod}}'}`,
      };
    case 'relay':
      // The agent holds a hubble client too, which sees the flows of its own node.
      if (values.relay === undefined && values.agentPod !== undefined)
        return wrap(template, 'agent', values, access, on, mark);
      return {
        line: `kubectl -n ${RELAY.namespace} exec ${RELAY.target} -c ${RELAY.container} -- ${there}`,
        where: `relay ${RELAY.namespace}/${RELAY.target}`,
      };
    case 'node':
      return {
        line:
          access.nodeAccess === 'ssh'
            ? overSsh(line, values, access, on, mark)
            : `kubectl -n ${value('namespace')} debug node/${value(on)} --attach -q --profile=sysadmin --image=${word(access.debugImage)} -- chroot /host ${there}`,
        where: `node ${values[on] ?? `{{${on}}}`}`,
      };
  }
}

/**
 * ssh joins its arguments and the login shell splits them again (ssh(1)), so the remote line is one quoted word.
 * `--` keeps a destination or a line that starts with a hyphen from being an option.
 */
function overSsh(line: string, values: Values, access: Access, on: NodeName, mark: string | undefined): string {
  const config = access.sshConfig === undefined ? '' : `-F ${word(access.sshConfig)} `;
  const own = access.sudo ? `sudo -n ${inner(line)}` : line;
  const remote = mark === undefined ? own : framed(own, mark);
  return `ssh ${config}-T -o BatchMode=yes -o ConnectTimeout=10 -- ${sshDestination(access, values, on)} ${word(remote)}`;
}

/** ssh destination of a node as one word: every value it is made of is data. */
function sshDestination(access: Access, values: Values, on: NodeName = 'node'): string {
  return access.sshHost
    .split(/(\{\{\w+\}\})/)
    .map((part) => {
      const name = /^\{\{(\w+)\}\}$/.exec(part)?.[1] as keyof Values | undefined;
      return part === '' ? '' : name === undefined ? word(part) : valueWord(name === 'node' ? on : name, values);
    })
    .join('');
}

/** A value as one word; without a value the placeholder itself, as a dry run shows it. */
function valueWord(name: keyof Values, values: Values): string {
  const value = values[name];
  return value === undefined ? `{{${name}}}` : word(value);
}

/** The line as words where it has nothing for a shell, else as one argument of `sh -c`. */
function inner(line: string): string {
  return /^[A-Za-z0-9%+,./:=@_ -]+$/.test(line.replace(/\{\{\w+\}\}/g, 'x')) ? line : `sh -c ${word(line)}`;
}
