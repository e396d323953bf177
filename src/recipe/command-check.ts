import { quote } from '../problem.ts';
import { isVariable, placeholders, variables } from './command.ts';
import type { Contradiction } from './contradiction.ts';
import { type RecipeLayer, type RecipeStep, sideIds } from './schema.ts';

/** Placeholders that name no variable, or that stand where a quoted value would be taken apart again. */
export function commandProblems(layers: readonly [number, RecipeLayer][]): Contradiction[] {
  return commandLines(layers).flatMap(({ command, keys }) =>
    placeholders(command).flatMap((place): Contradiction[] => {
      if (!isVariable(place.name)) {
        return [
          {
            keys,
            expected: `one of the variables ${Object.keys(variables).join(', ')}`,
            found: quote(`{{${place.name}}}`),
            fix: 'Correct the name; src/recipe/command.ts says what each stands for.',
          },
        ];
      }
      return place.quoted
        ? [
            {
              keys,
              expected: `{{${place.name}}} outside quotes, because its value is quoted when it is filled in`,
              found: quote(command.slice(Math.max(0, place.start - 20), place.end + 1)),
              fix: 'Close the quotes before it and open them again after it.',
            },
          ]
        : [];
    }),
  );
}

/** Every command line of the recipe with its key path. */
function commandLines(layers: readonly [number, RecipeLayer][]): { command: string; keys: PropertyKey[] }[] {
  const ofSteps = (steps: RecipeStep[] | undefined, keys: PropertyKey[]) =>
    (steps ?? []).flatMap((step, s) =>
      (['run', 'until'] as const).flatMap((key) => {
        const command = step[key];
        return command === undefined ? [] : [{ command, keys: [...keys, s, key] }];
      }),
    );
  return layers.flatMap(([l, layer]) => [
    ...ofSteps(layer.setup, ['layers', l, 'setup']),
    ...ofSteps(layer.restore, ['layers', l, 'restore']),
    ...layer.captures.flatMap((row, c) => [
      ...ofSteps(row.before, ['layers', l, 'captures', c, 'before']),
      ...sideIds.flatMap((side) => {
        const own = row[side];
        const keys = ['layers', l, 'captures', c, side];
        return own
          ? [
              ...ofSteps(own.before, [...keys, 'before']),
              { command: own.command, keys: [...keys, 'command'] },
              ...(own.alternatives ?? []).map((command, a) => ({ command, keys: [...keys, 'alternatives', a] })),
            ]
          : [];
      }),
    ]),
  ]);
}
