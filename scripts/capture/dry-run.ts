import { type Recipe, type RecipeStep, sideIds } from '../../src/recipe/schema.ts';
import { patches } from './lease.ts';
import { fill, lines } from './lines.ts';
import type { Options } from './options.ts';
import { buildPlan, type LayerPlan, plannedTasks } from './plan.ts';
import type { Values } from './render.ts';
import { requiredTools, TOOLS } from './session.ts';
import { type Access, wrap } from './transports.ts';
import { DEPLOY, newNamespace } from './workload.ts';

/** Stand for the name of the recording and for the time. */
const [HOLDER, NOW] = ['RECORDING', 'NOW'];

/** One line of a dry run: a command, a pause, or a heading. */
interface Printed {
  heading?: string;
  command?: string;
  comment?: string;
}

/**
 * Every command a recording would run, in order, without running any. What only the cluster can tell stands as
 * `{{name}}`; a value given on the command line is filled in.
 */
export function dryRun(recipe: Recipe, options: Options): string {
  const sides = options.side ? [options.side] : sideIds;
  return sides
    .map((side) => print(side, buildPlan(recipe, side, options.only), recipe, options))
    .map((printed) => printed.join('\n'))
    .join('\n\n');
}

function print(side: string, plan: readonly LayerPlan[], recipe: Recipe, options: Options): string[] {
  const namespace = options.namespace ?? recipe.recording?.namespace ?? 'netflow-test';
  const values: Values = { namespace };
  const access: Access = { ...options, sudo: options.nodeAccess === 'ssh' };
  const required = requiredTools(plan, access);
  const about: Printed[] = [
    { heading: 'What runs in a pod or on a node is sent between two marks, which are taken off its output again.' },
    { heading: `${side}: preflight` },
    ...Object.entries(TOOLS).map(([tool, { command }]) => ({
      command,
      ...(required.includes(tool) ? {} : { comment: 'not needed for this plan' }),
    })),
    { command: options.context === undefined ? lines.currentContext : lines.contextExists(options.context) },
    { command: lines.systemPods, comment: 'which dataplane' },
    { command: lines.nodes },
    { command: lines.version },
    { command: lines.server },
    { command: fill('clusters', values), comment: 'release channel and add-ons' },
    { command: lines.ours, comment: 'what earlier recordings left; then, for each namespace found:' },
    { command: fill('lease', values) },
    { command: fill('services', values) },
    { command: lines.edits(`captures/${side}`), comment: 'edits are not overwritten' },
    { heading: `${side}: workload` },
    { command: fill('namespace', values) },
    {
      command: lines.create(newNamespace(namespace, HOLDER, NOW)),
      comment: 'only if there is none; one that is not ours is refused',
    },
    {
      command: lines.patchLease(namespace, patches.renew(HOLDER, NOW)),
      comment: 'every 10 s, so that others keep away',
    },
    ...DEPLOY.map((name) => ({ command: fill(name, values) })),
    { command: `until ${fill('address', values)}; do sleep 1; done` },
    { command: fill('images', values) },
    { heading: `${side}: variables, as far as they are needed` },
    ...(['service', 'pods', 'forwardingRule'] as const).map((name) => ({ command: fill(name, values) })),
    ...(side === 'v2'
      ? (['relay', 'ciliumDbg', 'endpoint'] as const).map((name) => ({ command: fill(name, values) }))
      : []),
  ];
  const onNode = plannedTasks(plan).find((task) => task.place === 'node');
  if (onNode && options.nodeAccess === 'ssh') {
    about.push({ command: wrap('id -u', 'node', values, { ...access, sudo: false }).line, comment: 'is sudo needed' });
  } else if (onNode) {
    about.push(
      { command: fill('debugPods', values), comment: 'before and after each debugging pod' },
      { command: fill('debugPodDelete', values), comment: 'after each debugging pod' },
    );
  }
  const recorded = plan.flatMap((layer): Printed[] => [
    { heading: `${side}: ${layer.id.toUpperCase()} ${layer.title}` },
    ...layer.stages.flatMap((stage) => [
      ...stage.before.map((step) => stepLine(step, values, access)),
      ...stage.captures.flatMap((task) =>
        task.commands.map((command, index) => ({
          command: wrap(command, task.place, values, access, task.on).line,
          comment: index === 0 ? task.key : `${task.key}, if the cluster has this instead`,
        })),
      ),
    ]),
    ...layer.restore.map((step) => ({ ...stepLine(step, values, access), comment: 'restore' })),
  ]);
  const after: Printed[] = options.keepWorkload
    ? [
        { heading: `${side}: give the namespace back` },
        { command: lines.patchLease(namespace, patches.release(HOLDER)) },
      ]
    : [
        { heading: `${side}: clean up` },
        { command: fill('removeNamespace', values), comment: 'unless an earlier recording kept it' },
      ];
  return [...about, ...recorded, ...after].map(({ heading, command, comment }) =>
    heading === undefined ? `${command}${comment === undefined ? '' : `   # ${comment}`}` : `\n# ${heading}`,
  );
}

function stepLine(step: RecipeStep, values: Values, access: Access): Printed {
  if (step.wait !== undefined) return { command: `sleep ${step.wait}` };
  const { line } = wrap(step.run ?? step.until ?? '', step.where ?? 'local', values, access);
  return step.run === undefined ? { command: `until ${line}; do sleep 1; done` } : { command: line };
}
