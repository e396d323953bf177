import type { Occurrence } from '../model/subject.ts';
import type { FigureId, ReportFigures } from './figure-data.ts';
import type { Report } from './report.ts';
import { REPORT_VERSION, type ReportJson } from './schema.ts';

/** The sentences of each figure that is there. */
export type FigureWords = { readonly [Id in FigureId]?: string[] };

/**
 * `dist/report.json` and `npm run check -- --json`: the report for programs, without the outputs themselves.
 * public/report.schema.json is its schema.
 * @param words what each figure says, in sentences
 * @param said what each finding says, in their order
 */
export function reportJson(report: Report, words: FigureWords, said: readonly string[]): string {
  const place = ({ capture, line, column, length }: Occurrence) => ({ capture, line, column, length });
  const data: ReportJson = {
    version: REPORT_VERSION,
    title: report.title,
    sides: report.sides.map(({ id, label, short }) => ({ id, label, short })),
    summary: report.summary,
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
    differences: report.differences,
    figures: withWords(report.figures, words),
    findings: report.findings.map(({ kind, about, places, ...values }, index) => ({
      kind,
      about,
      text: said[index] ?? '',
      values,
      places,
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
    observations: report.observations,
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

function withWords(figures: ReportFigures, words: FigureWords): ReportJson['figures'] {
  return Object.fromEntries(
    Object.entries(figures).map(([id, { layer, data }]) => [id, { layer, words: words[id as FigureId] ?? [], data }]),
  );
}
