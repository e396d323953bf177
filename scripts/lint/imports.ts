import ts from 'typescript';

/** An import as a file writes it. */
export interface Import {
  /** `./walk.ts`, `node:fs`, `@resvg/resvg-js`. */
  specifier: string;
  /** True where nothing of it is left at run time. */
  typeOnly: boolean;
  /** 1-based. */
  line: number;
}

/** The scripts of an Astro component with the lines before them left empty: frontmatter, then `<script>` elements. */
function scriptsOf(source: string): string[] {
  const frontmatter = /^---\n([\s\S]*?)\n---/.exec(source);
  const scripts = [...source.matchAll(/<script(?![^>]*is:inline)[^>]*>([\s\S]*?)<\/script>/g)];
  return [frontmatter, ...scripts].flatMap((found) => {
    if (!found?.[1]) return [];
    const start = found.index + found[0].indexOf(found[1]);
    return [source.slice(0, start).replace(/[^\n]/g, '') + found[1]];
  });
}

/**
 * Every import and re-export of a TypeScript file or Astro component, dynamic and type-only ones included.
 * @param path decides how the text is read
 */
export function importsOf(path: string, text: string): Import[] {
  const sources = path.endsWith('.astro') ? scriptsOf(text) : [text];
  return sources.flatMap((source) => {
    const file = ts.createSourceFile(path, source, ts.ScriptTarget.Latest);
    const found: Import[] = [];
    const add = (node: ts.Node, specifier: ts.Node | undefined, typeOnly: boolean) => {
      if (!specifier || !ts.isStringLiteralLike(specifier)) return;
      const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
      found.push({ specifier: specifier.text, typeOnly, line: line + 1 });
    };
    const visit = (node: ts.Node): void => {
      if (ts.isImportDeclaration(node)) add(node, node.moduleSpecifier, isTypeImport(node.importClause));
      else if (ts.isExportDeclaration(node)) add(node, node.moduleSpecifier, isTypeExport(node));
      else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node, node.argument.literal, true);
      else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
        add(node, node.arguments[0], false);
      ts.forEachChild(node, visit);
    };
    visit(file);
    return found;
  });
}

/** `import type { A }` and `import { type A }`; an import without a clause runs the module. */
function isTypeImport(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const { name, namedBindings } = clause;
  return (
    !name &&
    namedBindings !== undefined &&
    ts.isNamedImports(namedBindings) &&
    namedBindings.elements.length > 0 &&
    namedBindings.elements.every((element) => element.isTypeOnly)
  );
}

function isTypeExport({ isTypeOnly, exportClause }: ts.ExportDeclaration): boolean {
  if (isTypeOnly) return true;
  return (
    exportClause !== undefined &&
    ts.isNamedExports(exportClause) &&
    exportClause.elements.length > 0 &&
    exportClause.elements.every((element) => element.isTypeOnly)
  );
}
