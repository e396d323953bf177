import type { Occurrence } from '../../model/subject.ts';
import { type Problem, quote } from '../../problem.ts';
import type { Verdict } from '../../recipe/schema.ts';
import type { Difference, LayerVerdict, RowVerdict } from '../types.ts';

/** Most lines that are shown for one layer. */
const MAX_SHOWN = 8;

/** Where a place in an output stands in its file: the header's lines count there. */
export type PlaceInFile = (at: Occurrence) => { file: string; line: number };

/**
 * What layers.yaml expects and the captures do not show, with the lines that disagree.
 * @param layers the layers of the recipe
 * @param placeOf finds an output's line in its capture file
 */
export function expectationProblems(
  layers: readonly { id: string; expect: Verdict }[],
  verdicts: readonly LayerVerdict[],
  rows: readonly RowVerdict[],
  placeOf: PlaceInFile,
): Problem[] {
  return layers.flatMap(({ id, expect }) => {
    const found = verdicts.find(({ layer }) => layer === id);
    if (!found || found.verdict === expect) return [];
    const expected = `the verdict ${expect}, as \`expect\` in layers.yaml says`;
    const fix = 'Find out why; `npm run check -- --accept` writes what the captures show as what is expected.';
    const own = rows.filter(({ layer }) => layer === id);
    const lines = own.flatMap(({ row, differences }) =>
      differences.map((difference) => lineProblem(`layer ${id}, row ${row}, ${difference.path}`, difference, placeOf)),
    );
    const rest = lines.length - MAX_SHOWN;
    const more = rest > 0 ? ` ${rest} more lines differ.` : '';
    return [
      {
        file: 'layers.yaml',
        subject: `layer ${id}, expect`,
        expected,
        found: `${found.verdict}: ${found.why.replace(/\.$/, '')}`,
        fix: fix + more,
      },
      ...lines.slice(0, MAX_SHOWN),
    ];
  });
}

function lineProblem(subject: string, { v1, v2, what }: Difference, placeOf: PlaceInFile): Problem {
  const [left, right] = [v1, v2].map((one) => one && { text: one.text, ...placeOf(one.at) });
  const here = right ?? left;
  const there = right ? left : undefined;
  return {
    file: here?.file ?? 'layers.yaml',
    ...(here && { line: here.line }),
    subject,
    expected: there ? `what ${there.file}:${there.line} says, ${quote(there.text)}` : 'the same on both sides',
    found: here ? `${quote(here.text)} (${what})` : what,
    fix: 'Look at both lines: this is one of the reasons for the verdict.',
  };
}
