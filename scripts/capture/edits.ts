import type { SideId } from '../../src/recipe/schema.ts';
import { type Failure, outcomeCause } from './failure.ts';
import { lines } from './lines.ts';
import type { Run } from './process.ts';
import { notOurs, type Staging } from './write.ts';

/**
 * Why these files of a side must not be overwritten: they hold something that is neither in git nor written by the
 * recorder, or they changed while the new set was made.
 * @param staging the new set, where there is one
 */
export async function editProblem(
  run: Run,
  root: string,
  side: SideId,
  names: readonly string[],
  staging?: Staging,
): Promise<Failure | undefined> {
  const folder = `captures/${side}`;
  const outcome = await run(lines.edits(folder));
  const noGit = outcome.exitCode === 127 || /not a git repository/i.test(outcome.stderr);
  if (outcomeCause(outcome) !== undefined && !noGit) {
    return {
      what: folder,
      cause: 'git does not tell whether it has uncommitted edits, which would be overwritten',
      command: outcome.command,
      stderr: outcome.stderr,
    };
  }
  const changed = outcome.stdout
    .text()
    .split('\0')
    .map((entry) => entry.slice(3));
  const uncommitted = names.filter((name) => changed.some((path) => `/${path}`.endsWith(`/${folder}/${name}`)));
  const edited = noGit ? (staging?.changedMeanwhile() ?? []) : notOurs(root, side, uncommitted);
  if (edited.length === 0) return undefined;
  const [shown, more] = [edited.slice(0, 5).join(', '), edited.length > 5 ? ` and ${edited.length - 5} more` : ''];
  return {
    what: folder,
    cause: `it has edits that would be overwritten: ${shown}${more}`,
    fix: 'Commit them, stash them, or take them back.',
  };
}
