import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { observationsFile, parseObservations } from '../../../src/captures/observations.ts';
import { loadRecipe, plannedCaptures } from '../../../src/recipe/load.ts';
import { proseParts } from '../../../src/recipe/prose-parts.ts';
import { buildReport } from '../../../src/report/report.ts';
import { type Cluster, startCluster } from '../../support/cluster/cluster.ts';
import { clusterTests } from '../../support/cluster-tests.ts';
import { makeOutDir } from '../../support/out-dir.ts';
import { pageTexts } from '../../support/page-text.ts';
import { makeProject, type Project, record } from '../../support/project.ts';

/*
 * What regenerating the page is: both sides are recorded, the verdicts accepted, the page built, by the commands a person
 * types. On V2 the probes, kubectl and gcloud are real, and cilium-dbg and hubble are a replay of a world of the generator.
 */

const available = clusterTests('a recording of both sides, accepted and built');
/** A world in which Hubble shows flows and drops. */
const WORLD = 3;

/** A number in a remark, with what it counts. */
const FIGURE = /(?:about )?\d+ s\b|\b(?:two|three|four|five|six) (?:of these )?[\w-]+/g;
const plain = (text: string) =>
  proseParts(text)
    .map((part) => part.text)
    .join('');
/** The words of a built page, without the marks of code. */
const readPage = (dir: string) =>
  pageTexts(readFileSync(join(dir, 'index.html'), 'utf8'))
    .join('\n')
    .replaceAll('`', '')
    .replaceAll('\u00a0', ' ');

describe.runIf(available)('both sides, recorded anew', () => {
  let project: Project;
  let before: string;
  const clusters: Cluster[] = [];
  /** `npm run …` with the data of a project. */
  const run = (root: string, ...args: string[]) => {
    const env = { ...process.env, DATA_ROOT: root, NO_COLOR: '1', ASTRO_TELEMETRY_DISABLED: '1' };
    const { status, stdout, stderr } = spawnSync('npm', ['run', '--silent', ...args], { env, encoding: 'utf8' });
    return { status, stdout, stderr };
  };

  beforeAll(async () => {
    project = makeProject();
    before = readFileSync(join(project.root, 'layers.yaml'), 'utf8');
    clusters.push(...(await Promise.all([startCluster('v1'), startCluster('v2', WORLD)])));
    // V2's address belongs to a backend service, as on newer clusters: the layers of the cloud are no longer alike.
    await clusters[1]?.control({ balancer: 'service' });
    for (const [index, cluster] of clusters.entries()) {
      const { code, stdout, stderr } = await record(cluster, project, ['--yes', '--side', index === 0 ? 'v1' : 'v2']);
      expect(code, stderr + stdout).toBe(0);
    }
  }, 240_000);
  afterAll(async () => {
    await Promise.all(clusters.map((cluster) => cluster.stop()));
    project?.remove();
  });

  test('every output of the recipe is recorded', () => {
    const { captures } = buildReport(project.root, { draft: true });
    const planned = plannedCaptures(loadRecipe(project.root, { recording: true })).map(({ key }) => key);
    expect(captures.map(({ key }) => key)).toEqual(planned);
    expect(captures.filter(({ stored }) => stored?.header?.origin !== 'recorded')).toEqual([]);
  });

  test('check refuses the verdicts of other outputs, and accepts them when it is told to', () => {
    const refused = run(project.root, 'check');
    expect(refused).toMatchObject({ status: 1, stdout: '' });
    expect(refused.stderr).toMatch(/^layers\.yaml: layer l1, expect: expected the verdict identical/);
    const accepted = run(project.root, 'check', '--', '--accept');
    expect(accepted.status, accepted.stderr).toBe(0);
    expect(accepted.stderr).toMatch(/^layers\.yaml:\d+\n- +expect: \S+\n\+ +expect: \S+\n/);
    const after = readFileSync(join(project.root, 'layers.yaml'), 'utf8');
    const { layers } = buildReport(project.root);
    expect([...after.matchAll(/^ {4}expect: (\S+)$/gm)].map(([, verdict]) => verdict)).toEqual(
      layers.map(({ verdict }) => verdict),
    );
    expect(after).not.toBe(before);
    expect(after.replaceAll(/expect: \S+/g, '')).toBe(before.replaceAll(/expect: \S+/g, ''));
    expect(run(project.root, 'check').status).toBe(0);
  });

  test('the page is built, and nothing on it was said of another recording', () => {
    using outDir = makeOutDir();
    const built = run(project.root, 'build', '--', '--silent', '--outDir', outDir.path);
    expect(built.status, built.stdout + built.stderr).toBe(0);
    const page = readPage(outDir.path);
    const sentences = parseObservations(readFileSync(observationsFile, 'utf8')).flatMap(({ text }) =>
      plain(text).split(/(?<=[.;])\s+/),
    );
    expect(sentences.length).toBeGreaterThan(15);
    expect(sentences.filter((sentence) => page.includes(sentence))).toEqual([]);
    const figures = sentences.flatMap((sentence) => sentence.match(FIGURE) ?? []);
    expect(figures).toEqual([
      'four of these lines',
      'two KUBE-NODEPORTS',
      'two nodes',
      'about 130 s',
      '120 s',
      'two pods',
    ]);
    expect(figures.filter((figure) => page.includes(figure))).toEqual([]);

    // The same search finds each of them on the page they were written for.
    const published = run('.', 'build', '--', '--silent', '--outDir', outDir.path);
    expect(published.status, published.stdout + published.stderr).toBe(0);
    const own = readPage(outDir.path);
    expect(sentences.filter((sentence) => !own.includes(sentence))).toEqual([]);
  });
});
