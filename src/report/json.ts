import type { Occurrence } from '../model/subject.ts';
import type { FigureId, ReportFigures } from './figure-data.ts';
import type { Report } from './report.ts';
import { REPORT_VERSION, type ReportJson } from './schema.ts';

/** What the report says in sentences: of each figure that is there, of its findings and of its answers in their order. */
export interface ReportWords {
  figures: { readonly [Id in FigureId]?: string[] };
  findings: readonly string[];
  answers: readonly string[];
}

/**
 * `dist/report.json` and `npm run check -- --json`: the report for programs, without the outputs themselves.
 * public/report.schema.json is its schema.
 */
export function reportJson(report: Report, words: ReportWords): string {
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
    figures: withWords(report.figures, words.figures),
    findings: report.findings.map(({ kind, about, places, ...values }, index) => ({
      kind,
      about,
      text: words.findings[index] ?? '',
      values,
      places,
    })),
    answers: report.answers.map(({ kind, layers, ...values }, index) => ({
      kind,
      layers,
      text: words.answers[index] ?? '',
      values,
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

function withWords(figures: ReportFigures, words: ReportWords['figures']): ReportJson['figures'] {
  return Object.fromEntries(
    Object.entries(figures).map(([id, { layer, data }]) => [id, { layer, words: words[id as FigureId] ?? [], data }]),
  );
}
