import type { Any } from './store.ts';

/** Fields of one protobuf message by number; strings and messages stay bytes. */
function fields(bytes: Buffer): Map<number, Buffer[]> {
  const found = new Map<number, Buffer[]>();
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const kind = tag % 8;
    if (kind === 0) varint();
    else if (kind === 2) {
      const length = varint();
      const field = (tag - kind) / 8;
      found.set(field, [...(found.get(field) ?? []), bytes.subarray(at, at + length)]);
      at += length;
    } else throw new Error(`wire type ${kind}`);
  }
  return found;
}

/**
 * The pod `kubectl debug` creates, out of `k8s\0` + runtime.Unknown (field 2 is the raw Pod). Field numbers are those
 * of k8s.io/api/core/v1 generated.proto: Pod{1 metadata, 2 spec}, PodSpec{2 containers, 10 nodeName},
 * Container{1 name, 2 image, 3 command, 4 args}.
 */
export function decodePod(body: Buffer): Any {
  const raw = fields(body.subarray(4)).get(2)?.[0] ?? Buffer.alloc(0);
  const pod = fields(raw);
  const spec = fields(pod.get(2)?.[0] ?? Buffer.alloc(0));
  const text = (from: Map<number, Buffer[]>, field: number) => from.get(field)?.[0]?.toString('utf8');
  const all = (from: Map<number, Buffer[]>, field: number) =>
    (from.get(field) ?? []).map((one) => one.toString('utf8'));
  const metadata = fields(pod.get(1)?.[0] ?? Buffer.alloc(0));
  return {
    metadata: { name: text(metadata, 1) },
    spec: {
      nodeName: text(spec, 10),
      containers: (spec.get(2) ?? []).map((one) => {
        const container = fields(one);
        return {
          name: text(container, 1),
          image: text(container, 2),
          command: all(container, 3),
          args: all(container, 4),
        };
      }),
    },
  };
}
