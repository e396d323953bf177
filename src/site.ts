import { createHash } from 'node:crypto';
import { dataRoot } from './data-root.ts';
import { ProblemsError } from './problem.ts';
import { buildReport, type Report } from './report/report.ts';

/** True while editing, put in by src/integration.ts; `import.meta.env.DEV` is true in a build too where NODE_ENV says so. */
declare const DRAFT: boolean;

let built: Report | undefined;

/**
 * The report for the pages: made once in a build, read again for every request while editing. A build with bad input
 * ends here, with every problem on a line of its own and exit code 1.
 */
export function siteReport(): Report {
  if (DRAFT) return buildReport(dataRoot, { draft: true });
  try {
    built ??= buildReport(dataRoot);
    return built;
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}

/** A link inside the site, whatever base path it is published under. `path` has no leading slash. */
export function link(path: string): string {
  return `${import.meta.env.BASE_URL.replace(/\/$/, '')}/${path}`;
}

/** What the page's policy calls a script or a style that stands in the page (CSP level 3, hash-source). */
export function cspHash(text: string): `sha256-${string}` {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
