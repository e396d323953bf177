import type { CiliumAddress } from '../formats/cilium-address.ts';
import type { Located } from '../formats/types.ts';
import type { ServiceName } from './service.ts';
import { holdsServices, ruleIndex, serviceRules } from './service-rules.ts';
import { joined, type Stated, stated } from './stated.ts';
import type { Subject } from './subject.ts';

/** What one output of the dataplane does with one address and port of a Service. */
export interface Frontend {
  subject: Subject;
  /** Undefined or unspecified (0.0.0.0, ::) for a NodePort. */
  address: string | undefined;
  port: string;
  protocol: string | undefined;
  /** The rule or the row that says so. */
  at: Stated;
  backends: Stated[];
}

const UNSPECIFIED = /^(0\.0\.0\.0|::|0:0:0:0:0:0:0:0)$/;

/**
 * Every frontend that an output of the dataplane holds; of iptables rules those of the traced Service.
 * @returns undefined for any other output, for rules that translate nothing (the filter table alone), and for rules where
 * no output names the Service
 */
export function frontendsOf(subject: Subject, service: ServiceName | undefined): Frontend[] | undefined {
  const { parsed } = subject;
  switch (parsed.format) {
    case 'iptables-save': {
      const { namespace, name } = service ?? {};
      if (!namespace || !name || !holdsServices(parsed)) return undefined;
      return serviceRules(ruleIndex(parsed), `${namespace}/${name}`).entrances.flatMap(
        ({ rule, address, port, protocol, targets }) => {
          const backends = targets.flatMap(({ target }) => {
            const effect = target?.effect;
            const host = effect?.kind === 'dnat' ? effect.host : undefined;
            return host && effect?.kind === 'dnat' ? [joined(subject, host, effect.port)] : [];
          });
          return port ? [{ subject, address, port, protocol, at: stated(subject, whole(rule)), backends }] : [];
        },
      );
    }
    case 'cilium-service-list':
      return parsed.services.map(({ frontend, backends }) =>
        mapEntry(
          subject,
          frontend,
          backends.filter(({ state }) => !state || state.value === 'active').map(({ address }) => address),
        ),
      );
    case 'cilium-bpf-lb-list': {
      const groups = new Map<string, { address: CiliumAddress; backends: CiliumAddress[] }>();
      for (const { service: address, backend, slot, serviceSlot } of parsed.entries) {
        const key = `${address.ip.value} ${address.port.value} ${address.protocol?.value} ${address.scope?.value}`;
        const group = groups.get(key) ?? { address, backends: [] };
        // Slot 0 is the service itself.
        const isService = (slot ?? serviceSlot)?.value === '0' || (backend && UNSPECIFIED.test(backend.ip.value));
        if (backend && !isService) group.backends.push(backend);
        groups.set(key, group);
      }
      return [...groups.values()].map(({ address, backends }) => mapEntry(subject, address, backends));
    }
    default:
      return undefined;
  }
}

function whole({ text, start, end }: { text: string; start: number; end: number }): Located {
  return { value: text, start, end };
}

function mapEntry(subject: Subject, frontend: CiliumAddress, backends: readonly CiliumAddress[]): Frontend {
  const { ip, port, protocol } = frontend;
  return {
    subject,
    address: UNSPECIFIED.test(ip.value) ? undefined : ip.value,
    port: port.value,
    protocol: protocol?.value,
    at: joined(subject, ip, port),
    backends: backends.map((backend) => joined(subject, backend.ip, backend.port)),
  };
}
