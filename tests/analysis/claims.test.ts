import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { functions } from '../../src/analysis/claims/functions.ts';
import {
  expressionCount,
  type ProseContext,
  plainNumbers,
  proseParts,
  proseProblems,
  proseWarnings,
  renderProse,
} from '../../src/analysis/claims.ts';
import { modelOf } from '../../src/model/model.ts';
import { formatProblem, ProblemsError } from '../../src/problem.ts';
import { proseEntries } from '../../src/recipe/prose.ts';
import { type Edit, published, publishedKeys } from './edited-outputs.ts';

const contextOf = (...edits: Edit[]): ProseContext => ({
  model: modelOf(published(...edits)),
  outputs: publishedKeys,
  layers: 8,
});
const context = contextOf();
const recipe = readFileSync('layers.yaml', 'utf8');
const entries = proseEntries(recipe);

function messageOf(prose: string, place = {}): string {
  try {
    renderProse(prose, context, place);
  } catch (error) {
    if (error instanceof ProblemsError) return error.message;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('each function', () => {
  const calls: Record<string, [call: string, gives: string][]> = {
    outputs: [['outputs()', '37']],
    layers: [['layers()', '8']],
    lines: [
      ["lines('v1/l4-iptables-nat')", '107'],
      ["lines('v2/l7-hubble-observe')", '16'],
    ],
    rules: [
      ["rules('v1/l4-iptables-nat')", '79'],
      ["rules('netflow-test/nginx')", '16'],
      ["rules('kube-system/kube-dns')", '16'],
    ],
    chains: [["chains('v1/l4-iptables-nat')", '28']],
    serviceRows: [["serviceRows('v2/l4-ebpf-service-map')", '17']],
    ownRows: [["ownRows('v2/l4-ebpf-service-map')", '3']],
    endpoints: [
      ["endpoints('v1/l3-endpoints')", '3'],
      ["endpoints('v2/l3-endpointslice') | words", 'three'],
    ],
    nodes: [["nodes('v1/l2-target-pool')", '2']],
    age: [
      ["age('v1/l1-service-ips')", '50 minutes'],
      ["age('v2/l1-service-ips')", '47 seconds'],
    ],
    listening: [["listening('v1/l5-pod-interface')", '80']],
    requests: [["requests('v2/l6-local-failover')", '20']],
    answered: [
      ["answered('v2/l6-local-failover')", '9'],
      ["answered('v1/l6-local-failover')", '0'],
      ["answered('v1/l6-local-converged') | Words", 'Seven'],
    ],
    allAnswered: [["allAnswered('v1/l6-cluster-mode') | words", 'ten']],
    noneAnswered: [["noneAnswered('v1/l6-local-failover')", 'No']],
    failures: [["failures('v1/l6-local-converged')", '1, 2 and 4']],
    lastFailure: [["lastFailure('v2/l6-local-failover')", '16']],
    answeredAfterLastFailure: [["answeredAfterLastFailure('v2/l6-local-failover')", '4']],
    seconds: [
      ["seconds('v2/l6-cluster-mode', 3)", '5.1 s'],
      ["seconds('v2/l6-cluster-mode', 4, 3)", '0.099 s'],
    ],
    totalSeconds: [
      ["totalSeconds('v1/l6-local-failover', 0)", '120 s'],
      ["totalSeconds('v2/l6-local-failover')", '1.5 s'],
    ],
    typicalSuccess: [["typicalSuccess('v1/l6-cluster-mode', 1)", '0.1 s']],
    typicalFailure: [
      ["typicalFailure('v1/l6-local-failover')", '6.0 s'],
      ['typicalFailure("v2/l6-local-failover")', '0.05 s'],
    ],
    flows: [["flows('v2/l7-hubble-observe')", '16']],
    drops: [
      ["drops('v2/l8-hubble-drop')", '3'],
      ["drops('v2/l7-hubble-observe')", '0'],
    ],
    connectedNodes: [["connectedNodes('v2/l7-hubble-status')", '2']],
    knownNodes: [["knownNodes('v2/l7-hubble-status')", '2']],
  };
  test.each(Object.entries(calls))('%s', (_name, all) => {
    for (const [call, gives] of all) expect(renderProse(`a {{ ${call} }} b`, context)).toBe(`a ${gives} b`);
  });
  test('CONTRIBUTING.md describes them all', () => {
    const rows = [...readFileSync('CONTRIBUTING.md', 'utf8').matchAll(/^\| `(\w+)\(.*?\)` \| (.*) \|$/gm)];
    expect(rows.map(([, name, gives]) => [name, gives])).toEqual(
      Object.entries(functions).map(([name, { gives }]) => [name, gives]),
    );
  });
  test('none is left out', () => expect(Object.keys(calls)).toEqual(Object.keys(functions)));
  test('numbers of four digits and more carry commas', () => {
    const many = contextOf(['v2/l7-hubble-status', '2/2', '999/12285']);
    expect(
      renderProse("{{ connectedNodes('v2/l7-hubble-status') }} {{ knownNodes('v2/l7-hubble-status') }}", many),
    ).toBe('999 12,285');
  });
});

describe('refusals', () => {
  const cases: Record<string, string> = {
    'an unknown function': "{{ rulez('v1/l4-iptables-nat') }}",
    'a name every object has': '{{ constructor() }}',
    'no call': '{{ 79 }}',
    'not closed': "rules: {{ rules('x') } }",
    'code instead of a call': '{{ process.exit(1) }}',
    'an argument too many': "{{ outputs('v1') }}",
    'an argument too few': "{{ seconds('v2/l6-cluster-mode') }}",
    'a number for a text': '{{ lines(4) }}',
    'a bare word as argument': '{{ lines(v1) }}',
    'an unknown output': "{{ lines('v1/l4-iptables') }}",
    'an output of another format': "{{ answered('v1/l4-iptables-nat') }}",
    'a Service without rules': "{{ rules('default/web') }}",
    'a request that is not there': "{{ seconds('v2/l6-cluster-mode', 11) }}",
    'no failure to speak of': "{{ typicalFailure('v1/l6-cluster-mode') }}",
    'a claim the output does not support': "All {{ allAnswered('v1/l6-local-converged') | words }} are answered",
    'another claim of that kind': "{{ noneAnswered('v2/l6-local-failover') }} request",
    'too many decimals': "{{ seconds('v2/l6-cluster-mode', 1, 999) }}",
    'a text as a word': "{{ age('v1/l1-service-ips') | words }}",
    'a mark without its source': 'after [[8 s]]',
    'control characters': "{{ li\u001b[31m\u202e('v1') }}",
  };
  const messages = Object.fromEntries(
    Object.entries(cases).map(([name, prose]) => [name, messageOf(prose, { line: 7 })]),
  );
  test('each says what was expected, what stands there, and what to do', () => {
    expect(messages).toMatchInlineSnapshot(`
      {
        "a Service without rules": "layers.yaml:7: expected rules of default/web for {{ rules('default/web') }}; found none in v1/l4-iptables-nat. Write the Service as namespace/name.",
        "a bare word as argument": "layers.yaml:7: expected texts in quotes and whole numbers, separated by commas; found "{{ lines(v1) }}". Correct the expression; src/analysis/claims/functions.ts lists the functions.",
        "a claim the output does not support": "layers.yaml:7: expected an answer to every request for {{ allAnswered('v1/l6-local-converged') | words }}; found none to request 1, 2 and 4 in v1/l6-local-converged. Say in the sentence what the output shows.",
        "a mark without its source": "layers.yaml:7: expected [[text|its source]]; found "[[8 s]]". Correct the expression; src/analysis/claims/functions.ts lists the functions.",
        "a name every object has": "layers.yaml:7: expected one of the functions outputs, layers, lines, rules, chains, serviceRows, ownRows, endpoints, nodes, age, listening, requests, answered, allAnswered, noneAnswered, failures, lastFailure, answeredAfterLastFailure, seconds, totalSeconds, typicalSuccess, typicalFailure, flows, drops, connectedNodes, knownNodes; found "constructor". Correct the name.",
        "a number for a text": "layers.yaml:7: expected lines('output'); found "{{ lines(4) }}". Correct the arguments: texts stand in quotes, numbers do not.",
        "a request that is not there": "layers.yaml:7: expected request 11 for {{ seconds('v2/l6-cluster-mode', 11) }}; found none in v2/l6-cluster-mode. Use another output, or leave the sentence out.",
        "a text as a word": "layers.yaml:7: expected a number to write in words for {{ age('v1/l1-service-ips') | words }}; found "50 minutes". Leave out \`| words\`.",
        "an argument too few": "layers.yaml:7: expected seconds('output', number, [decimals]); found "{{ seconds('v2/l6-cluster-mode') }}". Correct the arguments: texts stand in quotes, numbers do not.",
        "an argument too many": "layers.yaml:7: expected outputs(); found "{{ outputs('v1') }}". Correct the arguments: texts stand in quotes, numbers do not.",
        "an output of another format": "layers.yaml:7: expected an output of the format http-probe for {{ answered('v1/l4-iptables-nat') }}; found v1/l4-iptables-nat of the format iptables-save. Use a function for that format, or another output.",
        "an unknown function": "layers.yaml:7: expected one of the functions outputs, layers, lines, rules, chains, serviceRows, ownRows, endpoints, nodes, age, listening, requests, answered, allAnswered, noneAnswered, failures, lastFailure, answeredAfterLastFailure, seconds, totalSeconds, typicalSuccess, typicalFailure, flows, drops, connectedNodes, knownNodes; found "rulez". Correct the name.",
        "an unknown output": "layers.yaml:7: expected an output of the recipe, such as v1/l4-iptables-nat for {{ lines('v1/l4-iptables') }}; found "v1/l4-iptables". Correct the key: it is the path below captures/ without .txt.",
        "another claim of that kind": "layers.yaml:7: expected no answer to any request for {{ noneAnswered('v2/l6-local-failover') }}; found 9 in v2/l6-local-failover. Say in the sentence what the output shows.",
        "code instead of a call": "layers.yaml:7: expected a call such as {{ rules('netflow-test/nginx') }}; found "{{ process.exit(1) }}". Correct the expression; src/analysis/claims/functions.ts lists the functions.",
        "control characters": "layers.yaml:7: expected a call such as {{ rules('netflow-test/nginx') }}; found "{{ li\\u001b[31m\\u{202e}('v1') }}". Correct the expression; src/analysis/claims/functions.ts lists the functions.",
        "no call": "layers.yaml:7: expected a call such as {{ rules('netflow-test/nginx') }}; found "{{ 79 }}". Correct the expression; src/analysis/claims/functions.ts lists the functions.",
        "no failure to speak of": "layers.yaml:7: expected a request that was not answered for {{ typicalFailure('v1/l6-cluster-mode') }}; found none among the 10 of v1/l6-cluster-mode. Use another output, or leave the sentence out.",
        "not closed": "layers.yaml:7: expected }} after {{; found "{{ rules('x') } }". Correct the expression; src/analysis/claims/functions.ts lists the functions.",
        "too many decimals": "layers.yaml:7: expected at most 6 decimals for {{ seconds('v2/l6-cluster-mode', 1, 999) }}; found 999. Ask for fewer.",
      }
    `);
  });
  test('an output that is not recorded', () => {
    const rest = {
      ...context,
      model: modelOf(context.model.subjects.filter(({ key }) => key !== 'v1/l6-cluster-mode')),
    };
    expect(proseProblems(entries, rest).map(formatProblem)).toMatchInlineSnapshot(`
      [
        "layers.yaml:249: layer l6, capture cluster-mode, side v1, key note: expected the output v1/l6-cluster-mode for {{ allAnswered('v1/l6-cluster-mode') | words }}; found no output that could be read. Record it, or correct what stands in its file.",
        "layers.yaml:250: layer l6, capture cluster-mode, side v1, key note: expected the output v1/l6-cluster-mode for {{ typicalSuccess('v1/l6-cluster-mode', 1) }}; found no output that could be read. Record it, or correct what stands in its file.",
      ]
    `);
  });
});

describe('marks and code', () => {
  test('a mark is text with a source, an expression text with its origin', () => {
    const prose = '`n=` is {{ outputs() }}, after [[8 s|GCE default]] or `{{ layers() }}`';
    expect(renderProse(prose, context)).toBe('`n=` is 37, after 8 s or `8`');
    expect(proseParts(prose, context)).toEqual([
      { text: 'n=', code: true },
      { text: ' is ', code: false },
      { text: '37', code: false, from: { kind: 'expression', text: 'outputs()' } },
      { text: ', after ', code: false },
      { text: '8 s', code: false, from: { kind: 'source', text: 'GCE default' } },
      { text: ' or ', code: false },
      { text: '8', code: true, from: { kind: 'expression', text: 'layers()' } },
    ]);
  });
  test('plain numbers are those that no expression gives, no mark explains and no code holds', () => {
    const prose = 'IPv4 in L4 of V2: 8 s, ~130s, 1,024 at 10.20.0.8, `0050`, {{ outputs() }}, [[3.5|source]], 16.';
    const numbers = plainNumbers(prose);
    expect(numbers.map(({ text }) => text)).toEqual(['8', '130', '1,024', '10.20.0.8', '16']);
    for (const { text, start } of numbers) expect(prose.slice(start, start + text.length)).toBe(text);
  });
});

describe('layers.yaml', () => {
  test('every text is found with its line', () => {
    const lines = recipe.split('\n');
    expect(entries.length).toBeGreaterThan(70);
    for (const { line, subject } of entries)
      expect(lines[line - 1]?.trim()).toMatch(new RegExp(`^${subject.split('key ')[1]}:`));
  });
  test('its expressions hold and no number is plain that the outputs do not state', () => {
    expect(proseProblems(entries, context)).toEqual([]);
    expect(proseWarnings(entries, context).map(formatProblem)).toEqual([]);
    expect(expressionCount(entries)).toBeGreaterThanOrEqual(25);
  });
  test('says of the published outputs what stands in them', () => {
    const text = (key: string, row?: string, side?: string) =>
      entries
        .filter((entry) => entry.subject.endsWith(`key ${key}`) && entry.row === row && entry.side === side)
        .map((entry) => renderProse(entry.text, context, entry));
    expect(text('figure')).toMatchInlineSnapshot(`
      [
        "16 rules · 3 rows for this Service",
        "timeout after 6.0 s · failure after 0.05 s",
        "16 flow lines, 2 of 2 nodes",
        "3 SYNs dropped by identity",
      ]
    `);
    expect(text('note', 'local-failover', 'v2')).toMatchInlineSnapshot(`
      [
        "9 of 20 are answered; the others fail within about 0.05 s, so a client can retry at once. Refusing instead of dropping is a Cilium setting (\`service-no-backend-response\`), not a property of eBPF. The last failure is request 16; the four answers after it are too few to call it converged.",
      ]
    `);
    expect(text('note', 'local-converged', 'v1')).toMatchInlineSnapshot(`
      [
        "7 of 10 are answered; requests 1, 2 and 4 still time out. That is recovering, not recovered, whatever the heading of the output says. The title gives about 130 s since the scaling, of which the failover probe above took 120 s; why V1 was still recovering the captures do not show.",
      ]
    `);
  });
  test('a changed output changes the sentence, or fails the line that says it', () => {
    const slower = contextOf(['v2/l6-local-failover', '16: HTTP 000', '16: HTTP 200']);
    const [note] = entries.filter(
      ({ row, side, subject }) => row === 'local-failover' && side === 'v2' && /note$/.test(subject),
    );
    expect(renderProse(note?.text ?? '', slower)).toContain('10 of 20 are answered');
    const failing = contextOf(['v1/l6-cluster-mode', '7: HTTP 200', '7: HTTP 000']);
    const [problem] = proseProblems(entries, failing);
    expect(recipe.split('\n')[(problem?.line ?? 0) - 1]).toContain('allAnswered');
    expect({ ...problem, line: 0 }).toMatchInlineSnapshot(`
      {
        "expected": "an answer to every request for {{ allAnswered('v1/l6-cluster-mode') | words }}",
        "file": "layers.yaml",
        "fix": "Say in the sentence what the output shows.",
        "found": "none to request 7 in v1/l6-cluster-mode",
        "line": 0,
        "subject": "layer l6, capture cluster-mode, side v1, key note",
      }
    `);
  });
  test('a plain number that no output states is a warning', () => {
    const spoiled = recipe.replace('Another number from the same default range.', 'One of 2768 numbers, or 30574.');
    const warnings = proseWarnings(proseEntries(spoiled), context).map((problem) =>
      formatProblem({ ...problem, line: 1 }),
    );
    expect(warnings).toMatchInlineSnapshot(`
      [
        "layers.yaml:1: layer l3, capture nodeport, side v2, key note: expected a number that stands in v2/l3-nodeport; found 2768. Write it as an expression, {{ … }}, or mark it with its source: [[2768|source]].",
      ]
    `);
  });
});

describe('properties', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '{{',
      '}}',
      '[[',
      ']]',
      '|',
      '`',
      "'",
      '"',
      '(',
      ')',
      ',',
      ' ',
      'words',
      '3',
      '-1',
      '1e9',
      '99999999999',
    ),
    fc.constantFrom(...Object.keys(functions), ...publishedKeys, 'netflow-test/nginx', '__proto__', 'toString'),
    fc.string(),
  );
  const ownErrorsOnly = (run: () => unknown) => {
    try {
      run();
    } catch (error) {
      if (!(error instanceof ProblemsError)) throw error;
      expect(error.problems).toHaveLength(1);
    }
  };
  test('no text makes it throw anything but its own error', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        ownErrorsOnly(() => renderProse(pieces.join(''), context));
        ownErrorsOnly(() => plainNumbers(pieces.join('')));
      }),
      { numRuns: 10_000 },
    );
  });
  test('no call of any function on any output does', () => {
    const argument = fc.oneof(
      fc.constantFrom(...publishedKeys, 'netflow-test/nginx', 'nginx').map((key) => `'${key}'`),
      fc.integer({ min: 0, max: 1_000_000 }).map(String),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(functions)),
        fc.array(argument, { maxLength: 3 }),
        fc.constantFrom('', ' | words', ' | Words'),
        (name, args, style) => ownErrorsOnly(() => renderProse(`{{ ${name}(${args.join(', ')})${style} }}`, context)),
      ),
      { numRuns: 3000 },
    );
  });
  test('prose without expressions and marks is rendered as it is', () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !/\{\{|\[\[/.test(text)),
        (text) => void expect(renderProse(text, context)).toBe(text),
      ),
    );
  });
  test('time is linear in the length of the text', () => {
    const long = '{{ outputs() }} [[1|x]] '.repeat(20_000);
    const start = performance.now();
    renderProse(long, context);
    expect(performance.now() - start).toBeLessThan(5000);
  });
});
