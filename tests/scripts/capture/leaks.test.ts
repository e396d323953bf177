import { readdirSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Effects } from '../../../scripts/capture/begin.ts';
import { formatFailure, StopError } from '../../../scripts/capture/failure.ts';
import { Output } from '../../../scripts/capture/output.ts';
import type { CaptureTask } from '../../../scripts/capture/plan.ts';
import { publishable, searched } from '../../../scripts/capture/printed.ts';
import { plainProgress } from '../../../scripts/capture/progress.ts';
import { Redactor } from '../../../scripts/capture/redact.ts';
import { finishTask } from '../../../scripts/capture/task.ts';
import { encodeRun } from '../../../src/captures/run.ts';
import { loadRecipe } from '../../../src/recipe/load.ts';
import type { RedactionRule } from '../../../src/recipe/schema.ts';
import { harmless } from './harmless.ts';
import { addresses, addresses6, credentials, emails } from './secrets.ts';

/*
 * Everything a recording writes or prints, through the code that writes and prints it: the output, stderr, the command,
 * run.yaml; and the messages that say why something is refused.
 */
const RULES: RedactionRule[] = [
  { rule: 'client-address', find: 'public-address', role: 'client' },
  { rule: 'people', find: 'e-mail', role: 'person' },
];
const TASK: CaptureTask = {
  key: 'v1/l1-x',
  title: '',
  format: 'plain',
  place: 'local',
  on: 'node',
  commands: ['x'],
  timeoutMs: undefined,
};

const PLACES = ['output', 'stderr', 'command', 'run.yaml'] as const;
type PlaceName = (typeof PLACES)[number];

/** What a recording with `text` in one place leaves on disk, or prints instead. */
async function recorded(text: string, place: PlaceName, rules: readonly RedactionRule[]) {
  const redactor = new Redactor(rules);
  let printed = '';
  const write = (line: string) => {
    printed += `${line}\n`;
  };
  const effects: Effects = {
    runner: () => async () => Promise.reject(new Error('nothing is run')),
    progress: plainProgress(write),
    confirm: async () => false,
    now: () => new Date(0),
    signal: new AbortController().signal,
    ifKilled: () => {},
  };
  let file = '';
  try {
    const { failures } = await searched(redactor, effects, async ({ progress }) => {
      progress.note(`Context ${text}`);
      if (place === 'run.yaml') {
        const about = { context: text, dataplane: 'd', evidence: [`one (${text})`], nodes: [{ name: text }] };
        const run = await publishable(redactor, about);
        file = encodeRun({ run: 'r', started: 's', workload: [], tools: {}, order: [], ...run });
        return { failures: [] };
      }
      const outcome = {
        command: place === 'command' ? `echo '${text}'` : 'x',
        startedAt: new Date(0),
        durationMs: 1,
        exitCode: 0,
        stdout: Output.of(place === 'output' ? `first\n${text}\n` : 'first\n'),
        stderr: place === 'stderr' ? `first\n${text}\n` : '',
      };
      const judged = await finishTask(TASK, { outcome, where: 'local', leftover: undefined }, redactor, 'r');
      if ('failure' in judged) return { failures: [judged.failure] };
      for (const part of judged.recorded.parts) file += Buffer.from(part).toString('utf8');
      // What failed is printed with its command and its stderr.
      return { failures: [{ what: 'x', cause: text, command: outcome.command, stderr: outcome.stderr }] };
    });
    printed += failures.map(formatFailure).join('\n');
  } catch (error) {
    if (!(error instanceof StopError)) throw error;
    printed += formatFailure(error.failure);
  }
  return { file, printed };
}

/** The words of a secret that would help anybody: long ones that are no word. */
const telling = (text: string) => text.split(/[\s"'=:;,&@]+/).filter((word) => word.length >= 7 && /\d/.test(word));

describe.each(PLACES)('in %s', (place) => {
  test.each(credentials)('%s is refused, with rules too', async (_, text) => {
    for (const rules of [RULES, []]) {
      const { file, printed } = await recorded(text, place, rules);
      expect(file).toBe('');
      expect(printed).toContain('must not be published: ');
      expect(printed.slice(printed.indexOf('must not be published')).length).toBeLessThan(600);
      for (const word of telling(text)) expect(printed.includes(word), word).toBe(false);
    }
  });

  test.each([...addresses, ...addresses6, ...emails])('%s is renamed, or refused: %s', async (_, text, renamed) => {
    const { file, printed } = await recorded(text, place, RULES);
    // A header and run.yaml are YAML: quotes and backslashes are escaped.
    expect(file.replaceAll('\\"', '"').replaceAll('\\t', '\t')).toContain(renamed);
    expect(file).not.toContain(text);
    expect(printed).not.toContain(text);
    const refused = await recorded(text, place, []);
    expect(refused.file).toBe('');
    expect(refused.printed).toMatch(/must not be published: (?:public-address|e-mail)/);
    expect(refused.printed).not.toContain(text);
  });
});

test('the table is as long as it should be', () => {
  expect(credentials.length + addresses.length + addresses6.length + emails.length).toBeGreaterThan(150);
});

test('what is refused says where, what and what to do', async () => {
  const [, key = ''] = credentials[0] ?? [];
  const { printed } = await recorded(`jane@example.com\n${key}`, 'output', []);
  expect(printed).toMatchInlineSnapshot(`
    "(withheld: it holds private-key)
    v1/l1-x: it must not be published: e-mail in line 2 of the output, private-key in line 3 of the output
      command: x
      Narrow the command; e-mail and public addresses can be renamed by a rule. Nothing of it was written."
  `);
  expect((await recorded(key, 'run.yaml', [])).printed).toMatchInlineSnapshot(`
    "(withheld: it holds private-key)
    run.yaml: it must not be published: private-key in the names of the context, the nodes, the versions or the images
      Rename what holds it; e-mail and public addresses can be renamed by a rule. Nothing was written."
  `);
});

test('at least 200 outputs that hold nothing to hide are kept, byte for byte where they hold no address', async () => {
  const redactions = loadRecipe('.', { recording: true }).recording?.redactions ?? [];
  const real = [
    ...['captures/v1', 'captures/v2', 'tests/fixtures/formats'].flatMap((folder) =>
      readdirSync(folder).map((name) => `${folder}/${name}`),
    ),
  ].filter((path) => /\.(?:txt|out)$/.test(path));
  let kept = 0;
  for (const path of real) {
    const { leaks } = await new Redactor(redactions).body(Output.of(readFileSync(path)));
    expect(leaks, path).toEqual([]);
    kept++;
  }
  for (const [name, make] of harmless) {
    for (let seed = 1; seed <= 5; seed++) {
      const hex = (length: number) =>
        fc.sample(fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length }), {
          seed: seed * 1000 + length,
          numRuns: 1,
        })[0] ?? '';
      const body = Output.of(`${make(hex)}\n`);
      expect(await new Redactor([]).body(body), name).toEqual({ result: body, applied: [], leaks: [] });
      kept++;
    }
  }
  expect(kept).toBeGreaterThanOrEqual(200);
});

test('every notation of one address gets the same name, in all that one run writes', async () => {
  const redactor = new Redactor(RULES);
  for (const [name, text, renamed] of addresses) expect((await redactor.text(text)).result, name).toBe(renamed);
  expect((await redactor.text('2600:1900:4000:a::b7')).result).toBe('client-2');
  // A number alone means an address once the address is known.
  const { result } = await redactor.text('key 22484eb7 b74e4822 575164087 0x22484eb7, not 22484eb8');
  expect(result).toBe('key client-1 client-1 client-1 client-1, not 22484eb8');
});

test('a number before the address that explains it is found in the same output', async () => {
  const { result } = await new Redactor(RULES).body(Output.of('id 575164087\n34.72.78.183\n'));
  expect(result.text()).toBe('id client-1\nclient-1\n');
});

test('nothing hides on the cut of a long line', async () => {
  const cut = 64 * 1024;
  const wanted = [
    ['34.72.78.183', 'public-address'],
    ['jane@example.com', 'e-mail'],
    [credentials.find(([name]) => name === 'GitLab token')?.[1] ?? '', 'gitlab credential'],
    [credentials.find(([name]) => name === 'PKCS #8 key')?.[1].split('\n')[0] ?? '', 'private-key'],
  ] as const;
  for (const [text, kind] of wanted) {
    for (let at = cut - text.length - 1; at <= cut + 1; at++) {
      const body = Output.of(`${'x '.repeat(cut).slice(0, at - 1)} ${text} ${'y '.repeat(cut)}\n`);
      const { leaks } = await new Redactor([]).body(body);
      expect(
        leaks.map((leak) => leak.kind),
        `${kind} at ${at}`,
      ).toContain(kind);
    }
  }
  for (let at = cut - 14; at <= cut + 1; at++) {
    const line = (value: string) => `${'x '.repeat(cut).slice(0, at - 1)} ${value} ${'y '.repeat(cut)}\n`;
    const { result } = await new Redactor(RULES).body(Output.of(line('34.72.78.183')));
    expect(result.text() === line('client-1'), String(at)).toBe(true);
  }
});

test('ssh destinations and units are no e-mail addresses; anybody else is', async () => {
  const redactor = new Redactor([]);
  const kinds = async (text: string) => (await redactor.text(text)).leaks.map(({ kind }) => kind);
  const command = 'ssh -T -- root@gke-a.us-central1-c.my-project id';
  expect(await kinds(command)).toEqual(['e-mail']);
  redactor.allowDestinations('root@{{node}}.{{zone}}.{{project}}', ['gke-a']);
  expect(await kinds(command)).toEqual([]);
  expect(await kinds('root@gke-a.us-central1-c.my-project: Permission denied (publickey).')).toEqual([]);
  expect(await kinds('jane@gke-a.us-central1-c.my-project')).toEqual(['e-mail']);
  expect(await kinds('root@example.com')).toEqual(['e-mail']);
  expect(await kinds('user@1000.service')).toEqual([]);
});

test('the maintainer’s home directory is ~', async () => {
  const redactor = new Redactor([], [], '/home/jane');
  expect(await redactor.text('ssh -F /home/jane/.ssh/config -- node; ls /home/janet')).toEqual({
    result: 'ssh -F ~/.ssh/config -- node; ls /home/janet',
    applied: [{ rule: 'home-directory', count: 1 }],
    leaks: [],
  });
  expect((await new Redactor([], [], '/root').text('/root/.kube')).applied).toEqual([]);
});
