import { createInterface } from 'node:readline/promises';
import { ProblemsError } from '../src/problem.ts';
import { loadRecipe } from '../src/recipe/load.ts';
import { formatResult } from './capture/conclude.ts';
import { dryRun } from './capture/dry-run.ts';
import { formatFailure, StopError } from './capture/failure.ts';
import { checkOnly, HELP, parseOptions, UsageError } from './capture/options.ts';
import { localRun } from './capture/process.ts';
import { elapsed, plainProgress, terminalProgress } from './capture/progress.ts';
import { capture } from './capture/run.ts';

const EXIT = { recorded: 0, failed: 1, usage: 2, interrupted: 130 } as const;

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

  const interrupt = new AbortController();
  let byHand: readonly string[] = [];
  const onSignal = () => {
    if (interrupt.signal.aborted) {
      process.stderr.write(
        `\nEnded before the cluster was restored. Run by hand:\n${byHand.map((line) => `  ${line}\n`).join('')}`,
      );
      process.exit(EXIT.interrupted);
    }
    process.stderr.write('\nInterrupted: restoring the cluster. Interrupt again to leave it as it is.\n');
    interrupt.abort();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('SIGHUP', onSignal);

  const begun = performance.now();
  const progress =
    process.stderr.isTTY && !options.json
      ? await terminalProgress()
      : plainProgress((line) => process.stderr.write(`[${elapsed(performance.now() - begun)}] ${line}\n`));
  try {
    const result = await capture(root, recipe, options, {
      runner: (pinned) => localRun({ cwd: root, env: kubectlEnvironment(pinned), timeoutMs: options.timeoutMs }),
      progress,
      confirm,
      now: () => new Date(),
      signal: interrupt.signal,
      ifKilled: (lines) => {
        byHand = lines;
      },
    });
    process.stdout.write(options.json ? `${JSON.stringify(result, null, 2)}\n` : `${formatResult(result)}\n`);
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
