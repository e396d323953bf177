import { parseAllDocuments } from 'yaml';
import { bodyText } from '../../src/captures/file.ts';
import type { FormatId } from '../../src/recipe/schema.ts';
import type { Output } from './output.ts';

/**
 * Why an output cannot be whole; undefined where nothing speaks against it.
 * A stream that breaks off may still end with exit code 0 (kubectl exec over a WebSocket that closes without a
 * status), so the output itself has to show that it is whole.
 */
export function incompleteness(format: FormatId, body: Output): string | undefined {
  if (body.length === 0) return 'the output is empty';
  if (format === 'plain') return undefined;
  for (const block of body.blocks()) if (block.includes(0)) return 'the output is binary: it contains a NUL byte';
  if (body.tail().at(-1) !== 10) return 'the output breaks off in the middle of its last line';
  // Only the ends of a large output are decoded; what makes it whole stands there.
  const head = bodyText(body.head());
  const tail = bodyText(body.tail());
  switch (format) {
    case 'iptables-save':
      return iptablesSave(head, tail);
    case 'kubectl-table':
      return header(head, /^[A-Z][A-Z0-9_()-]*(?: [A-Z0-9_()-]+)*(?:\s|$)/, 'a line of column names');
    case 'cilium-service-list':
      return header(head, /^ID\s+Frontend\s/, '`ID   Frontend …`');
    case 'cilium-bpf-lb-list':
      return header(head, /^SERVICE ADDRESS\s/, '`SERVICE ADDRESS …`');
    case 'cilium-policy-map':
      return header(head, /^POLICY\s+DIRECTION\s/, '`POLICY   DIRECTION …`');
    case 'describe':
      return /^Name:\s/.test(head) ? undefined : 'it does not start with `Name:`';
    case 'yaml':
      return yaml(body);
    case 'hubble-flows-json':
      return jsonLines(body);
    case 'hubble-status':
      return /^Connected Nodes:/m.test(tail) ? undefined : 'the line `Connected Nodes:` is missing';
    case 'http-probe':
      return everyLine(head, /HTTP \d{3}\b/, 'a line without an HTTP status');
    case 'pod-network':
      return /^\s+inet6? /m.test(head) && /^\s+sl\s+local_address .*\n\s+\d+: /m.test(tail)
        ? undefined
        : 'the address of the interface or the socket table is missing';
    case 'key-value':
      return /^[\w ]+: \S/.test(head) ? undefined : 'it does not start with a key and a value';
    case 'hubble-flows':
      return everyLine(head, /(?:->|<-|<>)/, 'a line that is not a flow');
  }
}

function header(head: string, pattern: RegExp, name: string): string | undefined {
  if (!pattern.test(head)) return `the table has no header: ${name} is missing`;
  return head.trimEnd().includes('\n') ? undefined : 'the table has no row';
}

function iptablesSave(head: string, tail: string): string | undefined {
  if (!/^[#*]/.test(head)) return 'it does not start with a table';
  const last = tail
    .trimEnd()
    .split('\n')
    .findLast((line) => !line.startsWith('#'));
  return last === 'COMMIT' ? undefined : 'it does not end with COMMIT';
}

function yaml(body: Output): string | undefined {
  const documents = parseAllDocuments(bodyText(body.bytes()), { prettyErrors: false });
  const error = Array.isArray(documents) ? documents.find((one) => one.errors.length > 0)?.errors[0] : undefined;
  return error ? `it is not valid YAML: ${error.message.split('\n')[0]}` : undefined;
}

function jsonLines(body: Output): string | undefined {
  const broken = bodyText(body.bytes())
    .trimEnd()
    .split('\n')
    .findIndex((line) => !isJson(line));
  return broken < 0 ? undefined : `line ${broken + 1} is not valid JSON`;
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

function everyLine(text: string, pattern: RegExp, problem: string): string | undefined {
  // The text may be the start of a larger one: the line it was cut in is not judged.
  const lines = text.slice(0, text.lastIndexOf('\n')).split('\n');
  const wrong = lines.findIndex((line) => !pattern.test(line));
  return wrong < 0 ? undefined : `${problem} (line ${wrong + 1})`;
}
