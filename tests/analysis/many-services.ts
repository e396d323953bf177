import { createHash } from 'node:crypto';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function hash(text: string): string {
  const bytes = createHash('sha256').update(text).digest().subarray(0, 16);
  return [...bytes].map((byte) => BASE32[byte % 32]).join('');
}

/**
 * The NAT rules of more Services, as kube-proxy writes them, put into an output of iptables-save.
 * @param seed another one gives other hashes and pod addresses, and the same Services
 */
export function withServices(text: string, count: number, seed: number): string {
  const chains: string[] = [];
  const rules: string[] = [];
  for (let service = 0; service < count; service++) {
    const name = `ns-${service}/svc`;
    const chain = `KUBE-SVC-${hash(`${seed} ${service}`)}`;
    chains.push(`:${chain} - [0:0]`);
    rules.push(
      `-A KUBE-SERVICES -d 10.96.${service >> 8}.${service & 255}/32 -p tcp -m comment --comment "${name} cluster IP" -m tcp --dport 80 -j ${chain}`,
    );
    for (let pod = 0; pod < 3; pod++) {
      const endpoint = `KUBE-SEP-${hash(`${seed} ${service} ${pod}`)}`;
      const ip = `10.${60 + seed}.${(service >> 6) & 255}.${(service & 63) * 4 + pod}`;
      const chance = pod < 2 ? `-m statistic --mode random --probability ${(1 / (3 - pod)).toFixed(11)} ` : '';
      chains.push(`:${endpoint} - [0:0]`);
      rules.push(
        `-A ${chain} -m comment --comment "${name} -> ${ip}:8080" ${chance}-j ${endpoint}`,
        `-A ${endpoint} -s ${ip}/32 -m comment --comment "${name}" -j KUBE-MARK-MASQ`,
        `-A ${endpoint} -p tcp -m comment --comment "${name}" -m tcp -j DNAT --to-destination ${ip}:8080`,
      );
    }
  }
  const first = text.indexOf('-A ');
  return `${text.slice(0, first)}${chains.join('\n')}\n${rules.join('\n')}\n${text.slice(first)}`;
}
