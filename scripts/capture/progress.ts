import type { ListrTaskWrapper } from 'listr2';
import type { LayerPlan } from './plan.ts';
import type { Run } from './process.ts';

/** Tells the maintainer what is going on while it goes on; on stderr alone, so that stdout is the result. */
export interface Progress {
  /** A line about the run as a whole. */
  note(text: string): void;
  /** Recording begins: these layers, in this order. */
  begin(plan: readonly LayerPlan[]): void;
  start(key: string): void;
  /** @param text what came of it, such as `1.2 s, 12093 bytes` */
  end(key: string, ok: boolean, text: string): void;
  /** Something takes its time: gives a sign of life now and then. @returns ends that */
  alive(what: string): () => void;
  /** Nothing more comes. */
  finish(): Promise<void>;
}

/** Between two signs of life, in milliseconds. */
const SIGN_MS = 10_000;

/** Elapsed time such as `0.3 s` or `2 min 5 s`. */
export function elapsed(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** Signs of life through `say`. */
export function signs(say: (text: string) => void): Progress['alive'] {
  return (what) => {
    const begun = performance.now();
    const shown = what.length > 120 ? `${what.slice(0, 119)}…` : what;
    const timer = setInterval(() => say(`… ${shown}: ${elapsed(performance.now() - begun)} so far`), SIGN_MS);
    return () => clearInterval(timer);
  };
}

/** Commands that give a sign of life while they run. */
export function lively(run: Run, progress: Progress): Run {
  return async (line, options) => {
    const end = progress.alive(line);
    try {
      return await run(line, options);
    } finally {
      end();
    }
  };
}

/** One line per event, for logs and pipes. */
export function plainProgress(write: (line: string) => void): Progress {
  return {
    note: (text) => write(text),
    begin: () => {},
    start: (key) => write(`… ${key}`),
    end: (key, ok, text) => write(`${ok ? 'ok' : 'FAILED'} ${key} (${text})`),
    alive: signs(write),
    finish: async () => {},
  };
}

/** A living list on a terminal, one entry per output. Loaded only here, because nobody else needs it. */
export async function terminalProgress(): Promise<Progress> {
  const { DefaultRenderer, Listr, ListrLogger, ProcessOutput } = await import('listr2');
  // listr2 takes a list for impossible where stdout is no terminal, and writes to stdout.
  class OnStderr extends DefaultRenderer {
    static override nonTTY = true as unknown as false;
  }
  const waiting = new Map<
    string,
    { promise: Promise<string>; resolve: (text: string) => void; reject: (error: Error) => void }
  >();
  let finished = false;
  const slot = (key: string) => {
    const known = waiting.get(key);
    if (known) return known;
    const made = Promise.withResolvers<string>();
    // Listr looks at it when its turn comes; until then a failure is not unhandled.
    made.promise.catch(() => {});
    waiting.set(key, made);
    if (finished) made.reject(new Error('not recorded'));
    return made;
  };
  // While the list lives it holds back what is written beside it, so a line is given to its current entry.
  let current: ListrTaskWrapper<unknown, typeof DefaultRenderer, typeof DefaultRenderer> | undefined;
  let list: Promise<unknown> = Promise.resolve();
  const note = (text: string) => {
    if (current) current.output = text;
    else process.stderr.write(`${text}\n`);
  };
  return {
    note,
    begin: (plan) => {
      list = new Listr(
        plan.map((layer) => ({
          title: `${layer.id.toUpperCase()} ${layer.title}`,
          task: (_, parent) =>
            parent.newListr(
              layer.stages
                .flatMap((stage) => stage.captures)
                .map(({ key, title }) => ({
                  title: `${title} (${key})`,
                  rendererOptions: { bottomBar: 4, persistentOutput: true },
                  task: async (_context, task) => {
                    current = task as typeof current;
                    task.title = `${task.title}: ${await slot(key).promise}`;
                  },
                })),
              { exitOnError: false },
            ),
        })),
        {
          exitOnError: false,
          // Interrupts are the recorder's: the cluster has to be put back.
          registerSignalListeners: false,
          renderer: OnStderr as typeof DefaultRenderer,
          rendererOptions: {
            collapseSubtasks: false,
            logger: new ListrLogger({
              useIcons: true,
              processOutput: new ProcessOutput(process.stderr, process.stderr),
            }),
          },
        },
      )
        .run()
        .finally(() => {
          current = undefined;
        });
      list.catch(() => {});
    },
    start: () => {},
    end: (key, ok, text) => (ok ? slot(key).resolve(text) : slot(key).reject(new Error(`${key}: ${text}`))),
    alive: signs(note),
    finish: async () => {
      finished = true;
      for (const { reject } of waiting.values()) reject(new Error('not recorded'));
      await list.catch(() => {});
    },
  };
}
