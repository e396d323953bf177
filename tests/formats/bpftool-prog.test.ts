import { describe, expect, it } from 'vitest';
import { parseBpfPrograms } from '../../src/formats/bpftool-prog.ts';
import { checkFormat, refusal } from './support.ts';

checkFormat('bpftool-prog');

describe('bpftool-prog', () => {
  it('gives a program its maps and its runs', () => {
    const [program] = parseBpfPrograms(
      '7: xdp  name p  tag 0123456789abcdef run_time_ns 5 run_cnt 2\n\txlated 8B  jited 9B  memlock 4096B  map_ids 1,22\n',
    ).programs;
    expect(program).toMatchObject({
      gpl: false,
      runs: { value: '2' },
      jited: { value: '9' },
      maps: [{ value: '1' }, { value: '22' }],
    });
  });

  it('says what it cannot read', () => {
    expect(refusal('bpftool-prog', '')).toMatchInlineSnapshot(
      `"line 1: expected \`227: sched_cls  name cil_from_container  tag 3b185187f1855c4c  gpl\`; found an empty output. Record \`bpftool prog show\` without -j, or correct \`format\` in layers.yaml."`,
    );
    expect(refusal('bpftool-prog', 'Error: bpf obj get (prog): Operation not permitted\n')).toMatchInlineSnapshot(
      `"line 1: expected \`227: sched_cls  name cil_from_container  tag 3b185187f1855c4c  gpl\`; found "Error: bpf obj get (prog): Operation not permitted". Record \`bpftool prog show\` without -j, or correct \`format\` in layers.yaml."`,
    );
    expect(refusal('bpftool-prog', '7: xdp  name p  tag 0123456789abcdef\n\tnonsense\n')).toMatchInlineSnapshot(
      `"line 2: expected \`227: sched_cls  name cil_from_container  tag 3b185187f1855c4c  gpl\`; found "nonsense". Record \`bpftool prog show\` without -j, or correct \`format\` in layers.yaml."`,
    );
  });
});
