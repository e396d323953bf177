import { writeSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { ProblemsError } from '../src/problem.ts';
import { loadRecipe } from '../src/recipe/load.ts';
import type { Effects } from './capture/begin.ts';
import { clean, formatCleaned } from './capture/clean.ts';
import { formatResult } from './capture/conclude.ts';
import { dryRun } from './capture/dry-run.ts';
import { formatFailure, StopError } from './capture/failure.ts';
import { checkOnly, HELP, parseOptions, UsageError } from './capture/options.ts';
import { localRun } from './capture/process.ts';
import { elapsed, type Progress, plainProgress, terminalProgress } from './capture/progress.ts';
import { capture, resume } from './capture/run.ts';

const EXIT = { recorded: 0, cleaned: 0, failed: 1, usage: 2, interrupted: 130 } as const;
/** Signals that come this close together are one interrupt; in milliseconds. */
const ONE_INTERRUPT_MS = 1000;

/** Runs the recorder in the project at `root`. @returns the exit code */
async function main(root: string, args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (options.help) {
    process.stdout.write(HELP);
    return EXIT.recorded;
  }
  const recipe = loadRecipe(root, { recording: true });
  checkOnly(options.only, recipe);
  if (options.dryRun) {
    process.stdout.write(`${dryRun(recipe, options)}\n`);
    return EXIT.recorded;
  }

  const begun = performance.now();
  const progress =
    process.stderr.isTTY && !options.json
      ? await terminalProgress()
      : plainProgress((line) => process.stderr.write(`[${elapsed(performance.now() - begun)}] ${line}\n`));
  let byHand: readonly string[] = [];
  const interrupt = onInterrupt(progress, () => byHand);
  const effects: Effects = {
    runner: (pinned) => localRun({ cwd: root, env: kubectlEnvironment(pinned), timeoutMs: options.timeoutMs }),
    progress,
    confirm,
    now: () => new Date(),
    signal: interrupt.signal,
    ifKilled: (lines) => {
      byHand = lines;
    },
  };
  const print = (result: object, text: string) =>
    process.stdout.write(`${options.json ? JSON.stringify(result, null, 2) : text}\n`);
  try {
    if (options.clean) {
      const cleaned = await clean(root, recipe, options, effects);
      print(cleaned, formatCleaned(cleaned));
      return EXIT[cleaned.outcome];
    }
    if (options.resume) {
      const results = await resume(root, options.side, effects);
      print(results, results.map(formatResult).join('\n'));
      return Math.max(...results.map(({ outcome }) => EXIT[outcome]));
    }
    const result = await capture(root, recipe, options, effects);
    print(result, formatResult(result));
    return EXIT[result.outcome];
  } catch (error) {
    if (!(error instanceof StopError)) throw error;
    const outcome = interrupt.signal.aborted ? 'interrupted' : 'failed';
    if (options.json) {
      process.stdout.write(`${JSON.stringify({ outcome, written: false, failures: [error.failure] }, null, 2)}\n`);
    } else process.stderr.write(`${formatFailure(error.failure)}\n`);
    return EXIT[outcome];
  }
}

/**
 * Ends the run when the maintainer says so or can no longer be reached: a signal, or an output that nobody reads any
 * more. The first time the cluster is put back, the second time it is left as it is.
 * @param byHand what would have to be run then
 */
function onInterrupt(progress: Progress, byHand: () => readonly string[]): AbortController {
  const interrupt = new AbortController();
  let first = 0;
  const onSignal = (signal: NodeJS.Signals) => {
    if (!interrupt.signal.aborted) {
      first = performance.now();
      progress.note('Interrupted: restoring the cluster. Interrupt again to leave it as it is.');
      return interrupt.abort();
    }
    // One Ctrl-C comes twice where npm stands between: from the terminal, and from npm. A terminal that closes hangs up
    // again for each process that led its session; nobody asked twice.
    if (signal === 'SIGHUP' || performance.now() - first < ONE_INTERRUPT_MS) return;
    const todo = byHand().map((line) => `  ${line}\n`);
    try {
      // Past the list on the terminal, which holds other output back and hides the cursor.
      const show = process.stderr.isTTY ? '\u001b[?25h' : '';
      writeSync(2, `${show}\nEnded before the cluster was restored. Run by hand:\n${todo.join('')}`);
    } catch {}
    process.exit(EXIT.interrupted);
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('SIGHUP', onSignal);
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => interrupt.abort());
  return interrupt;
}

/** The pinned context first: in a list of kubeconfig files the first that sets a value wins. */
function kubectlEnvironment(pinned: string | undefined): Record<string, string | undefined> {
  if (pinned === undefined) return process.env;
  const own = process.env.KUBECONFIG || `${process.env.HOME}/.kube/config`;
  return { ...process.env, KUBECONFIG: `${pinned}:${own}` };
}

/** Asks on the terminal; no answer, an end of input or an interrupt is a no. */
async function confirm(question: string): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  // While readline reads, Ctrl-C is a key and not a signal.
  prompt.on('SIGINT', () => {
    process.emit('SIGINT', 'SIGINT');
    prompt.close();
  });
  const closed = new Promise<string>((resolve) => prompt.once('close', () => resolve('')));
  try {
    const answer = await Promise.race([prompt.question(`${question} [y/N] `), closed]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    prompt.close();
  }
}

try {
  process.exitCode = await main(process.cwd(), process.argv.slice(2));
} catch (error) {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n\n${HELP}`);
    process.exitCode = EXIT.usage;
  } else if (error instanceof ProblemsError) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = EXIT.failed;
  } else {
    process.stderr.write(`Unexpected: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = EXIT.failed;
  }
}
