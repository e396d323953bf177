import type { Packet, Step, Walk } from '../../src/netfilter/walk.ts';

/** A probability as a person reads it; a thousandth of a per cent is the finest that matters. */
function percent(probability: number): string {
  if (probability >= 1 - 1e-12) return '100 %';
  const digits = probability < 0.001 ? 3 : 1;
  return `${(probability * 100).toFixed(digits)} %`;
}

const address = (ip: string, port: number | undefined): string =>
  port === undefined ? ip : ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`;

function fate({ verdict, target, masquerade }: Walk['outcomes'][number]): string {
  const source = masquerade === null ? ', cannot tell whether masqueraded' : masquerade ? ', masqueraded' : '';
  switch (verdict) {
    case 'DNAT':
      return `DNAT to ${target}${source}`;
    case 'NONE':
      return `NONE: no rule decides, the packet goes on${source}`;
    case 'ACCEPT':
      return `ACCEPT by a rule of the filter table${source}`;
    case 'UNKNOWN':
      return target === null ? 'UNKNOWN: cannot tell' : `UNKNOWN: DNAT to ${target}, then cannot tell`;
    default:
      return target === null ? verdict : `${verdict} after DNAT to ${target}`;
  }
}

/** Rules that do not match stand in runs; long runs are counted instead of printed. */
const LONGEST_RUN = 4;

function stepLines(steps: readonly Step[]): string[] {
  const width = String(steps.reduce((last, step) => Math.max(last, step.line), 0)).length;
  const lines: string[] = [];
  let run: Step[] = [];
  const print = (step: Step) => {
    const mark = step.chance === null ? '?' : step.matched ? '>' : ' ';
    const often =
      step.matched && step.chance !== null && step.chance < 1 ? `  (${percent(step.chance)} of these packets)` : '';
    lines.push(`${mark} ${String(step.line).padStart(width)}  ${'  '.repeat(step.depth)}${step.text}${often}`);
  };
  const flush = () => {
    const first = run[0];
    if (first && run.length > LONGEST_RUN) {
      lines.push(
        `  ${String(first.line).padStart(width)}  ${'  '.repeat(first.depth)}… ${run.length} rules of ${first.chain} that do not match`,
      );
    } else run.forEach(print);
    run = [];
  };
  let table = '';
  for (const step of steps) {
    if (step.table !== table) {
      flush();
      lines.push(`*${step.table}`);
      table = step.table;
    }
    if (step.matched || step.chance === null) {
      flush();
      print(step);
    } else {
      if (run[0] && (run[0].chain !== step.chain || run[0].depth !== step.depth)) flush();
      run.push(step);
    }
  }
  flush();
  return lines;
}

/** A walk for a person to read. */
export function walkText(file: string, packet: Packet, walk: Walk): string {
  const { min, max, mean } = walk.examined;
  const average = mean === null ? 'the mean cannot be told' : `${mean.toFixed(1)} on average`;
  const how = packet.entry === 'output' ? 'sent by the node' : 'arriving at the node';
  const list = (title: string, lines: readonly string[], lead: string) =>
    lines.length === 0 ? [] : ['', title, ...lines.map((line) => `${lead}${line}`)];
  return [
    `${address(packet.from, packet.fromPort)} → ${address(packet.to, packet.port)} ${packet.protocol}, ${how}: ${file}`,
    ...list(
      'Outcomes',
      walk.outcomes.map((outcome) => `${percent(outcome.probability).padStart(9)}  ${fate(outcome)}`),
      '',
    ),
    '',
    min === max ? `Rules examined: ${min}` : `Rules examined: ${min} to ${max}, ${average}`,
    ...list('Rules in order (line of the file; > matches)', stepLines(walk.steps), ''),
    ...list('Cannot tell', walk.unknown, '  '),
    ...list('Missing in the file', walk.missing, '  '),
    ...list('Assumed', walk.assumptions, '  '),
    '',
  ].join('\n');
}

/** A walk for a program to read: each rule as it stands, and not taken apart; where branches part stands in the steps. */
export function walkJson({ branches: _, ...walk }: Walk): string {
  const steps = walk.steps.map(({ read: _rule, failed: _condition, ...step }) => step);
  return `${JSON.stringify({ ...walk, steps }, null, 2)}\n`;
}
