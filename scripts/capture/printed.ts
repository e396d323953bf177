import { type Failure, StopError } from './failure.ts';
import { type Progress, signs } from './progress.ts';
import { described, type Redactor } from './redact.ts';

/** What a recording prints with. */
interface Printing {
  progress: Progress;
  confirm(question: string): Promise<boolean>;
}

/**
 * Runs `record` with effects that search what is printed, and searches the failures it ends with. The lines to be run by
 * hand stay as they are, because a renamed address would not put a cluster back: they are made of the recipe, of checked
 * names and of the maintainer's own options.
 */
export async function searched<E extends Printing, T extends { failures: Failure[] }>(
  redactor: Redactor,
  effects: E,
  record: (effects: E) => Promise<T>,
): Promise<T> {
  const { progress } = effects;
  let printed = Promise.resolve();
  const print = (text: string, write: (text: string) => void) => {
    printed = printed.then(async () => write(await redactor.printable(text)));
    // What cannot be printed is thrown where it is awaited; until then it is not unhandled.
    printed.catch(() => {});
  };
  try {
    const result = await record({
      ...effects,
      progress: {
        ...progress,
        note: (text) => print(text, progress.note),
        begin: (plan) => print('', () => progress.begin(plan)),
        start: (key) => print('', () => progress.start(key)),
        end: (key, ok, text) => print(text, (safe) => progress.end(key, ok, safe)),
        alive: signs((text) => print(text, progress.note)),
        finish: async () => {
          await printed;
          await progress.finish();
        },
      },
      confirm: async (question) => {
        await printed;
        return effects.confirm(await redactor.printable(question));
      },
    });
    const failures: Failure[] = [];
    for (const failure of result.failures) failures.push(await printable(redactor, failure));
    return { ...result, failures };
  } catch (error) {
    if (error instanceof StopError) throw new StopError(await printable(redactor, error.failure));
    if (error instanceof Error) error.message = await redactor.printable(error.message);
    throw error;
  } finally {
    await printed;
  }
}

async function printable(redactor: Redactor, failure: Failure): Promise<Failure> {
  const safe = { ...failure };
  for (const key of ['what', 'cause', 'command', 'stderr', 'fix'] as const) {
    const text = failure[key];
    if (text !== undefined) safe[key] = await redactor.printable(text);
  }
  return safe;
}

/**
 * What run.yaml will say about the cluster.
 * @throws {StopError} when it must not be published
 */
export async function publishable<T>(redactor: Redactor, about: T): Promise<T> {
  const { result, leaks } = await redactor.values(about);
  if (leaks.length === 0) return result;
  throw new StopError({
    what: 'run.yaml',
    cause: `it must not be published: ${described(leaks)} in the names of the context, the nodes, the versions or the images`,
    fix: 'Rename what holds it; e-mail and public addresses can be renamed by a rule. Nothing was written.',
  });
}
