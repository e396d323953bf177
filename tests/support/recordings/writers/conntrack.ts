import type { CiliumSide, KubeProxySide, Tracked } from '../world.ts';

/* Connections as the node keeps track of them: `conntrack -L`, and Cilium's maps. */

/** `conntrack -L`: the connections to the Service, and one that has nothing to do with it. */
export function conntrackList({ tracked, nodes }: KubeProxySide): string | undefined {
  if (!tracked) return undefined;
  const node = nodes[0]?.ip ?? '';
  const other = `udp      17 27 src=${node} dst=198.18.0.53 sport=40000 dport=53 src=198.18.0.53 dst=${node} sport=53 dport=40000 mark=0 use=1\n`;
  return [...tracked.map(conntrackLine), other].join('');
}

function conntrackLine({ state, client, frontend, backend, masqueradedAs: to = client }: Tracked): string {
  const timeout = state === 'ESTABLISHED' ? 86_394 : 117;
  const ends = (from: Tracked['client'], to: Tracked['client']) =>
    `src=${from.ip} dst=${to.ip} sport=${from.port} dport=${to.port}`;
  return `tcp      6 ${timeout} ${state} ${ends(client, frontend)} ${ends(backend, to)} [ASSURED] mark=0 use=1\n`;
}

const COUNTS =
  'Packets=4 Bytes=900 RxFlagsSeen=0x1b LastRxReport=158106 TxFlagsSeen=0x1b LastTxReport=158106 Flags=0x0010 [ SeenNonSyn ]';

/** `cilium-dbg bpf ct list global`: towards the frontend, which names the backend by a number, and towards the backend. */
export function ctList({ tracked, id }: CiliumSide): string | undefined {
  return tracked
    ?.flatMap(({ client, frontend, backend }, index) => {
      const from = `${client.ip}:${client.port}`;
      return [
        `TCP SVC ${from} -> ${frontend.ip}:${frontend.port} expires=158116 ${COUNTS} RevNAT=${id} SourceSecurityID=0 BackendID=${index + 1} \n`,
        `TCP OUT ${from} -> ${backend.ip}:${backend.port} expires=158116 ${COUNTS} RevNAT=${id} SourceSecurityID=2 BackendID=0 \n`,
      ];
    })
    .join('');
}

/** `cilium-dbg bpf nat list`: what replaces a client's address, there and back. */
export function natList({ tracked, nodes }: CiliumSide): string | undefined {
  if (!tracked) return undefined;
  const node = nodes[0]?.ip ?? '';
  const own = tracked.flatMap(({ client, backend, masqueradedAs: to }) => {
    if (!to) return [];
    const [from, target, as] = [client, backend, to].map(({ ip, port }) => `${ip}:${port}`);
    return [
      `TCP OUT ${from} -> ${target} XLATE_SRC ${as} Created=12sec ago NeedsCT=1\n`,
      `TCP IN ${target} -> ${as} XLATE_DST ${from} Created=12sec ago NeedsCT=1\n`,
    ];
  });
  return [...own, `UDP OUT ${node}:40000 -> 198.18.0.53:53 XLATE_SRC ${node}:40000 Created=3sec ago NeedsCT=0\n`].join(
    '',
  );
}
