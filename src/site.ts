import { buildReport, type Report } from './report/report.ts';

/** Folder with layers.yaml and captures/: the project itself, or another data set named by DATA_ROOT. */
export const dataRoot = process.env.DATA_ROOT ?? process.cwd();

let built: Report | undefined;

/** The report for the pages: read once in a build, read again for every request while editing. */
export function siteReport(): Report {
  if (import.meta.env.DEV) return buildReport(dataRoot, { draft: true });
  built ??= buildReport(dataRoot);
  return built;
}

/** A link inside the site, whatever base path it is published under. `path` has no leading slash. */
export function link(path: string): string {
  return `${import.meta.env.BASE_URL.replace(/\/$/, '')}/${path}`;
}
