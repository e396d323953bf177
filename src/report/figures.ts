import type { PacketWalk } from '../analysis/packets.ts';
import { policyMatrix } from '../analysis/policy-matrix.ts';
import type { RoleValue } from '../analysis/types.ts';
import { joined, type NotCaptured } from '../model/citation.ts';
import { flowsOf } from '../model/connections.ts';
import type { Model } from '../model/model.ts';
import * as probes from '../model/probes.ts';
import { type RecipeLayer, sideIds } from '../recipe/schema.ts';
import { countersOf } from './counted.ts';
import type { FigureData, FigureId, PolicyMatrix, Probe, ReportFigure, ReportFigures } from './figure-data.ts';
import growth from './growth.json' with { type: 'json' };
import { walkedPacket } from './walk.ts';

/** The data of a figure and the output that says which layer it stands in. */
interface Found<Id extends FigureId> {
  capture: string;
  data: FigureData[Id];
}

/**
 * The data of every figure whose outputs are there. A figure stands in the layer of its first output.
 * @param values the values with a role, by which the packets' ends are named
 * @param walks the packets that are followed
 * @param layers the recipe's; they name the rows
 */
export function figuresOf(
  model: Model,
  values: readonly RoleValue[],
  walks: readonly PacketWalk[],
  layers: readonly RecipeLayer[],
): ReportFigures {
  const placed = <Id extends FigureId>(found: Found<Id> | undefined) => {
    const layer = model.subjects.find(({ key }) => key === found?.capture)?.layer;
    return found && layer !== undefined ? { layer, data: found.data } : undefined;
  };
  const figures = {
    walk: placed(walkOf(model, walks, values)),
    timeline: placed(timelineOf(model, layers)),
    flows: placed(flowSequenceOf(model)),
    policy: placed(policyOf(model)),
  } satisfies { [Id in FigureId]: ReportFigure<Id> | undefined };
  return Object.fromEntries(Object.entries(figures).filter(([, figure]) => figure !== undefined));
}

function walkOf(model: Model, walks: readonly PacketWalk[], values: readonly RoleValue[]): Found<'walk'> | undefined {
  const packets = walks.map((packet) => walkedPacket(packet, values, countersOf(model, packet)));
  return packets[0] && { capture: packets[0].rules.capture, data: { packets, growth } };
}

function timelineOf(model: Model, layers: readonly RecipeLayer[]): Found<'timeline'> | undefined {
  const rows = probes.probeRows(model).map(({ row, failures, sides }) => {
    const [v1, v2] = [probeOf(sides.v1), probeOf(sides.v2)];
    const layer = model.subjects.find(({ key }) => key === (v1 ?? v2)?.capture)?.layer;
    const recipe = layers.find(({ id }) => id === layer)?.captures.find(({ id }) => id === row);
    return {
      row,
      name: recipe?.short ?? recipe?.title ?? row,
      failures,
      sides: { ...(v1 && { v1 }), ...(v2 && { v2 }) },
    };
  });
  const first = rows[0]?.sides.v1 ?? rows[0]?.sides.v2;
  const pods = Object.fromEntries(
    sideIds.flatMap((side) => {
      const own = rows.flatMap(({ sides }) => sides[side]?.requests.flatMap(({ pod }) => pod ?? []) ?? []);
      return own.length > 0 ? [[side, [...new Set(own)]]] : [];
    }),
  );
  const named = Object.keys(pods).length > 0;
  return first && { capture: first.capture, data: { slowFactor: probes.OUTLIER, rows, ...(named && { pods }) } };
}

function probeOf(probe: probes.Probe | NotCaptured): Probe | undefined {
  if (!probe.captured) return undefined;
  const { capture, side, title, said, requests, outliers, answered, failed, seconds, timed, span, trailing } = probe;
  return {
    capture,
    side,
    ...(title !== undefined && { title }),
    ...(said !== undefined && { said }),
    requests: requests.map((request) => ({
      number: request.number,
      answered: request.outcome === 'answered',
      status: request.status.value,
      seconds: request.seconds,
      start: request.start,
      slow: outliers.includes(request),
      ...(request.pod && { pod: request.pod.value }),
      ...(request.exit && request.exit.value !== '0' && { exit: Number(request.exit.value) }),
      evidence: request.evidence,
    })),
    answered,
    failed,
    seconds,
    ...(timed && { span }),
    trailing: trailing.count,
  };
}

function flowSequenceOf(model: Model): Found<'flows'> | undefined {
  const { main, drops } = flowsOf(model);
  if (!main.captured) return undefined;
  const { capture, connections, others } = main;
  return { capture, data: { capture, connections, others, drops } };
}

function policyOf(model: Model): Found<'policy'> | undefined {
  const data = sideIds.flatMap((id): PolicyMatrix[] => {
    const matrix = policyMatrix(model, id);
    if (!matrix.captured) return [];
    const { side, target, columns, rows } = matrix;
    return [
      {
        side,
        target,
        columns,
        rows: rows.map(({ source, cells, elsewhere }) => ({
          source: { ...source, labels: Object.fromEntries(source.labels), evidence: joined(source.evidence) },
          cells: cells.map((cell) => ({ ...cell, evidence: joined(cell.evidence) })),
          elsewhere: joined(elsewhere),
        })),
      },
    ];
  });
  const capture = data.map(captureOf).find((key) => key !== undefined);
  return capture === undefined ? undefined : { capture, data };
}

/** The output a matrix stands by: its policy map, else the manifest, else what was seen. */
function captureOf({ columns, rows }: PolicyMatrix): string | undefined {
  for (const wanted of ['policy-map', 'network-policy', 'seen']) {
    for (const [index, { kind }] of columns.entries()) {
      const cited = kind === wanted ? rows.flatMap(({ cells }) => cells[index]?.evidence ?? []) : [];
      if (cited[0]) return cited[0].capture;
    }
  }
  return undefined;
}
