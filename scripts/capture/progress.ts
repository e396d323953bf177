import type { LayerPlan } from './plan.ts';

/** Tells the maintainer what is going on while it goes on. */
export interface Progress {
  /** A line about the run as a whole. */
  note(text: string): void;
  /** Recording begins: these layers, in this order. */
  begin(plan: readonly LayerPlan[]): void;
  start(key: string): void;
  /** @param text what came of it, such as `1.2 s, 12093 bytes` */
  end(key: string, ok: boolean, text: string): void;
  /** Nothing more comes. */
  finish(): Promise<void>;
}

/** Elapsed time such as `0.3 s` or `2 min 5 s`. */
export function elapsed(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;
}

/** One line per event, for logs and pipes. */
export function plainProgress(write: (line: string) => void): Progress {
  return {
    note: (text) => write(text),
    begin: () => {},
    start: (key) => write(`… ${key}`),
    end: (key, ok, text) => write(`${ok ? 'ok' : 'FAILED'} ${key} (${text})`),
    finish: async () => {},
  };
}

/** A living list on a terminal, one entry per output. Loaded only here, because nobody else needs it. */
export async function terminalProgress(): Promise<Progress> {
  const { Listr } = await import('listr2');
  const waiting = new Map<
    string,
    { promise: Promise<string>; resolve: (text: string) => void; reject: (error: Error) => void }
  >();
  const slot = (key: string) => {
    const known = waiting.get(key);
    if (known) return known;
    const made = Promise.withResolvers<string>();
    // Listr looks at it when its turn comes; until then a failure is not unhandled.
    made.promise.catch(() => {});
    waiting.set(key, made);
    return made;
  };
  let list: Promise<unknown> = Promise.resolve();
  return {
    note: (text) => process.stderr.write(`${text}\n`),
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
                  task: async (_context, task) => {
                    task.title = `${task.title}: ${await slot(key).promise}`;
                  },
                })),
              { exitOnError: false },
            ),
        })),
        { exitOnError: false, rendererOptions: { collapseSubtasks: false } },
      ).run();
    },
    start: () => {},
    end: (key, ok, text) => (ok ? slot(key).resolve(text) : slot(key).reject(new Error(`${key}: ${text}`))),
    finish: async () => {
      for (const { reject } of waiting.values()) reject(new Error('not recorded'));
      await list.catch(() => {});
    },
  };
}
