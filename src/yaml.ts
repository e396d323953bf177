import { type Document, LineCounter, type ParsedNode, parseDocument, visit } from 'yaml';
import { type Problem, ProblemsError, quote } from './problem.ts';

/** A YAML file that a person writes, with the places of what it says. */
export interface YamlFile {
  document: Document.Parsed<ParsedNode>;
  lines: LineCounter;
}

/**
 * Reads a YAML file that a person writes. Such files are read top to bottom, without anchors.
 * @param file path relative to the project root, for the messages
 * @param schema `failsafe` leaves every scalar a text; https://yaml.org/spec/1.2.2/#chapter-10-recommended-schemas
 * @throws {ProblemsError} naming every line that is no YAML, is indented by a tab or holds an alias
 */
export function readYaml(file: string, text: string, schema: 'core' | 'failsafe' = 'core'): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true, schema });
  const problems: (Problem & { line: number })[] = document.errors.map((error) => ({
    file,
    line: lines.linePos(error.pos[0]).line,
    ...(error.code === 'TAB_AS_INDENT'
      ? { expected: 'indentation by spaces', found: 'a tab', fix: 'Replace the tab by two spaces a level.' }
      : { expected: 'valid YAML', found: quote(error.message.split('\n')[0]), fix: 'Correct the line.' }),
  }));
  visit(document, {
    Alias(_key, alias) {
      problems.push({
        file,
        line: lines.linePos(alias.range?.[0] ?? 0).line,
        expected: 'values written out',
        found: `the alias *${alias.source}`,
        fix: 'Write the value where it is used: the file is read top to bottom, without anchors.',
      });
    },
  });
  // What YAML says after a tab, or of the second alias in a line, follows from the first.
  const tabs = problems.filter(({ found }) => found === 'a tab');
  const first = new Map(
    (tabs.length > 0 ? tabs : problems).reverse().map((problem) => [`${problem.line} ${problem.expected}`, problem]),
  );
  if (first.size > 0) throw new ProblemsError([...first.values()].sort((a, b) => a.line - b.line));
  return { document, lines };
}
