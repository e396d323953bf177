import type { Occurrence } from '../model/subject.ts';
import type { Report } from './report.ts';

/** `dist/report.json` and `npm run check -- --json`: the report for programs, without the outputs themselves. */
export function reportJson(report: Report): string {
  const place = ({ capture, line, column, length }: Occurrence) => ({ capture, line, column, length });
  const data = {
    title: report.title,
    sides: report.sides.map(({ id, label }) => ({ id, label })),
    layers: report.layers.map(({ id, title, verdict, why, rows }) => ({
      id,
      title,
      verdict,
      why,
      rows: rows.map(({ id, evidence }) => ({
        id,
        verdict: evidence?.verdict ?? null,
        why: evidence?.why ?? null,
        matched: evidence?.matched ?? [],
        differences: (evidence?.differences ?? []).map(({ path, what, v1, v2 }) => ({
          path,
          what,
          ...(v1 ? { v1: { text: v1.text, at: place(v1.at) } } : {}),
          ...(v2 ? { v2: { text: v2.text, at: place(v2.at) } } : {}),
        })),
        rules: evidence?.rules ?? [],
        notes: evidence?.notes ?? [],
      })),
    })),
    captures: report.captures.map(({ key, side, layer, format, command, lines, stored }) => ({
      key,
      side,
      layer,
      format,
      command,
      // A plain output without a header says nothing about where it comes from.
      origin: stored?.header?.origin ?? null,
      bytes: stored?.body.length ?? null,
      lines,
      sha256: stored?.sha256 ?? null,
    })),
    checks: report.checks.map(({ id, side, title, status, why, evidence }) => ({
      id,
      side,
      title,
      status,
      why,
      evidence: evidence.map(place),
    })),
    audit: report.audit,
    claims: report.claims,
    values: report.values.map(({ role, side, value, how, counterpart, occurrences }) => ({
      role,
      side,
      value,
      how,
      counterpart,
      occurrences: occurrences.map(place),
    })),
  };
  return `${JSON.stringify(data, null, 2)}\n`;
}
