/**
 * Variables a command line of the recipe may name, and what they stand for.
 * The recorder finds their values in the cluster; the recipe only names them.
 */
export const variables = {
  namespace: 'Namespace of the workload.',
  vip: 'External address of the Service.',
  clusterIP: 'ClusterIP of the Service.',
  nodePort: 'NodePort of the Service.',
  pod: 'One running pod of the workload.',
  podIP: 'Its address.',
  node: 'The node that pod runs on.',
  idleNode: 'A node without a pod of the workload.',
  otherNode: 'Another node than that one.',
  relay: "Namespace of GKE's managed Hubble Relay, where there is one.",
  agentPod: 'Pod of the Cilium agent on that node (anetd on GKE).',
  ciliumDbg: 'Name of the debugging tool in the agent: cilium-dbg, or cilium before Cilium 1.15.',
  endpoint: 'Cilium endpoint id of that pod.',
  project: 'Google Cloud project of the nodes.',
  zone: 'Zone of that node.',
  region: 'Region of that node.',
  forwardingRule: 'Forwarding rule of the external address.',
  targetPool: 'Target pool behind it, where it has one.',
  backendService: 'Backend service behind it, where it has one.',
} as const;
/** Name of a variable. */
export type Variable = keyof typeof variables;

/** A variable where it stands in a command line. */
export interface Placeholder {
  /** As written; may be no {@link Variable}. */
  name: string;
  /** Offsets of `{{name}}` in UTF-16 code units, end exclusive. */
  start: number;
  end: number;
  /** Inside '…' or "…", where a quoted value would be taken apart again. */
  quoted: boolean;
}

/**
 * The `{{name}}` places of a command line, in order.
 * Follows the quoting of the POSIX shell (Shell Command Language, 2.2): '…', "…", backslash, and $(…),
 * which starts unquoted again inside "…".
 */
export function placeholders(command: string): Placeholder[] {
  const found: Placeholder[] = [];
  const context: ("'" | '"' | '(')[] = [];
  for (let at = 0; at < command.length; at++) {
    const inside = context.at(-1);
    const char = command[at];
    const match = /^\{\{\s*([^{}]*?)\s*\}\}/.exec(command.slice(at, at + 80));
    if (match) {
      found.push({
        name: match[1] ?? '',
        start: at,
        end: at + match[0].length,
        quoted: inside === "'" || inside === '"',
      });
      at += match[0].length - 1;
    } else if (inside === "'") {
      if (char === "'") context.pop();
    } else if (char === '\\') {
      at++;
    } else if (inside === '"' && char === '"') {
      context.pop();
    } else if (char === '$' && command[at + 1] === '(') {
      context.push('(');
      at++;
    } else if (inside !== '"') {
      if (char === "'" || char === '"' || char === '(') context.push(char);
      else if (char === ')') context.pop();
    }
  }
  return found;
}

/** True for a name in {@link variables}. */
export function isVariable(name: string): name is Variable {
  return Object.hasOwn(variables, name);
}
