import { describe, expect, test } from 'vitest';
import { consistencyChecks } from '../../../src/analysis/checks.ts';
import type { Check } from '../../../src/analysis/types.ts';
import { parseOutput } from '../../../src/formats/index.ts';
import { modelOf } from '../../../src/model/model.ts';
import type { Subject } from '../../../src/model/subject.ts';
import { type Edit, published } from '../edited-outputs.ts';

const find = (subjects: Subject[], id: string) =>
  consistencyChecks(modelOf(subjects)).find((check) => check.id === id) as Check;

describe('the relay', () => {
  const check = (...edits: Edit[]) => find(published(...edits), 'v2/relay-ready');
  test('of several, one that is ready is enough', () => {
    const more = (ready: string): Edit => [
      'v2/l7-hubble-relay',
      /^pod.*\n/m,
      `pod/hubble-relay-56b84459c4-aaaaa   ${ready}     Running   0          13m\n$&`,
    ];
    expect(check(more('2/3')).status).toBe('holds');
    expect(check(more('2/3'), ['v2/l7-hubble-relay', '3/3', '1/3']).status).toBe('broken');
  });
  test('other pods say nothing of it', () => {
    expect(check(['v2/l7-hubble-relay', /hubble-relay(?=-56b)/, 'hubble-ui']).why).toMatchInlineSnapshot(
      `"no output lists the pods of the relay with READY"`,
    );
    expect(
      check(['v2/l7-hubble-relay', /pod\/hubble-relay-56b84459c4-cqzqj/, 'deployment.apps/hubble-relay']).status,
    ).toBe('not-comparable');
  });
  test('a status without nodes is not from a relay', () => {
    expect(check(['v2/l7-hubble-status', /^Connected.*\n?/m, '']).why).toMatchInlineSnapshot(
      `"no relay answered in v2/l7-hubble-status"`,
    );
  });
});

describe('ports of flows', () => {
  const check = (...edits: Edit[]) => find(published(...edits), 'v2/flow-port');
  const listens: Edit = ['v2/l5-pod-interface', '00000000:0050', '00000000:0051'];
  test('another port on which the pod listens serves something else', () => {
    expect(check(listens, ['v2/l7-hubble-observe', /(2gd6m):80 /g, '$1:81 ']).why).toMatchInlineSnapshot(
      `"9 packets go to 80; others go to 81, where the pod listens too"`,
    );
    expect(
      check(
        listens,
        ['v2/l7-hubble-observe', /(nginx-\S+):80 /g, '$1:81 '],
        ['v2/l8-hubble-drop', /(nginx-\S+):80 /g, '$1:81 '],
      ),
    ).toMatchObject({ status: 'not-comparable', why: 'no flow goes to the target port 80, only to 81' });
  });
  test('replies, and packets that may be replies, are sent to ports of clients', () => {
    const reply: Edit = ['v2/l8-hubble-drop', /^(.*)\n/, '$1\nnetflow-test/db:53 (ID:7) <> '];
    for (const flags of ['SYN, ACK', 'ACK'])
      expect(
        check([
          reply[0],
          reply[1],
          `${reply[2]}netflow-test/nginx-bb6b8c496-vc6pj:40000 (ID:18565) Policy denied DROPPED (TCP Flags: ${flags})\n`,
        ]).status,
      ).toBe('holds');
  });
  test('pods of other namespaces and other pods are none of the Service', () => {
    for (const other of ['other/nginx-bb6b8c496-vc6pj', 'netflow-test/web-bb6b8c496-vc6pj'])
      expect(check(['v2/l7-hubble-observe', 'netflow-test/nginx-bb6b8c496-vc6pj:80', `${other}:81`]).status).toBe(
        'holds',
      );
  });
  test('the flows may be recorded as JSON', () => {
    const flow = (port: number, isReply: boolean) =>
      JSON.stringify({
        flow: {
          verdict: 'FORWARDED',
          IP: { source: '10.10.0.3', destination: '10.20.1.11' },
          l4: { TCP: { source_port: 60599, destination_port: port, flags: { ACK: true } } },
          destination: { identity: 18565, namespace: 'netflow-test', pod_name: 'nginx-bb6b8c496-vc6pj' },
          is_reply: isReply,
        },
      });
    const status = (...flows: string[]) => {
      const text = flows.join('\n');
      const rest = published().flatMap((subject) => {
        if (subject.key === 'v2/l8-hubble-drop') return [];
        if (subject.key !== 'v2/l7-hubble-observe') return [subject];
        return [{ ...subject, text, parsed: parseOutput('hubble-flows-json', text) }];
      });
      return find(rest, 'v2/flow-port').status;
    };
    expect(status(flow(80, false), flow(40000, true))).toBe('holds');
    expect(status(flow(80, false), flow(81, false))).toBe('broken');
    expect(status(flow(40000, true))).toBe('not-comparable');
  });
});
