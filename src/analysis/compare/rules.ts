/**
 * The normalisations: what may differ between two sides without meaning anything, one sentence each. Role values are
 * matched by their role and are no rule. Everything else that differs is a difference.
 */
export const rules = {
  address:
    'An address without a role is matched with one of the same family, the same scope (private or public) and the same prefix length, one to one within the output.',
  age: 'An age says when the output was taken, not what was set up.',
  count: 'Events, restarts, bytes, packets and flows were counted up to the moment of the capture.',
  timestamp: 'A time of day says when something happened, not what.',
  'generated-name':
    'Kubernetes and GKE end names with hashes of their own; the rest of the name must agree, and the names are matched one to one within the output.',
  hash: 'Identifiers made by the API server, the cloud or the kernel are matched one to one within the output.',
  project: 'The id of the Google Cloud project says whose account it is; projects are matched one to one.',
  mac: 'Interfaces draw their MAC addresses; they are matched one to one within the output.',
  inode: 'Inode, slot, index and internal counters of a socket or interface are the kernel’s bookkeeping.',
  'momentary-socket':
    'A TCP socket that does not listen belongs to a request that was just made; only listening sockets are compared.',
  'client-port': 'The kernel of a client picks the port it sends from.',
  order: 'The order of endpoints, table rows, events, instances, flags and policy peers carries no meaning.',
  'answering-pod':
    'Which of the pods answers a request is drawn by chance; how many each answered is said as a finding.',
  latency: 'Times of requests are compared by the class of their median, not request by request.',
} as const;

/** Id of a normalisation rule. */
export type RuleId = keyof typeof rules;

/** True where a match was made by a rule, not because of equality or a role. */
export function isRule(by: string): by is RuleId {
  return Object.hasOwn(rules, by);
}
