import type {
  ProbeAfterFailure,
  ProbeAnswered,
  ProbeCompared,
  ProbeFinding,
  ProbeLongestFailure,
  ProbeSlow,
} from '../../analysis/findings/probes.ts';
import { counted, inWords } from '../../words.ts';
import { NBSP, sideName, type Words } from '../parts.ts';
import { secondsText } from '../words.ts';
import type { Sentences } from './sentences.ts';

/** What a probe shows, in words. */
export const probeSentences: Sentences<ProbeFinding> = {
  'probe-answered': answered,
  'probe-longest-failure': longest,
  'probe-slow': slow,
  'probe-after-failure': after,
  'probe-compared': compared,
};

function answered(finding: ProbeAnswered): string {
  const { requests, answered: answers, answerSeconds, failureSeconds, statuses, totalSeconds } = finding;
  const took = (seconds: number | undefined, many: number) =>
    seconds === undefined ? '' : ` in ${secondsText(seconds)}${many === 1 ? '' : ' (median)'}`;
  if (requests === 0) return 'The probe made no request.';
  const others = statuses.map(({ status, count }) => `${count} with HTTP${NBSP}${status}`);
  const how = others.length > 0 ? ` (${inWords(others)})` : '';
  const together = requests > 1 ? ` Together they took ${secondsText(totalSeconds)}.` : '';
  if (answers === requests) {
    const all = requests === 1 ? 'The request is answered' : `All ${requests} requests are answered`;
    return `${all}${how}${took(answerSeconds, requests)}.`;
  }
  const failed = requests - answers;
  const silence = (many: number) =>
    `${many === 1 ? 'ends' : 'each end'} without an answer after ${secondsText(failureSeconds ?? 0)}${many > 1 ? ' (median)' : ''}`;
  if (answers === 0) {
    return requests === 1
      ? `The request ${silence(1)}.`
      : `None of ${requests} requests is answered; they ${silence(requests)}.${together}`;
  }
  const share = `${answers} of ${requests} requests ${answers === 1 ? 'is' : 'are'} answered`;
  return `${share}${how}${took(answerSeconds, answers)}; the other${failed === 1 ? '' : ` ${failed}`} ${silence(failed)}.${together}`;
}

function longest({ first, last, count, seconds }: ProbeLongestFailure): string {
  return `The longest run without an answer is ${counted(count, 'request')}, ${first} to ${last}, for ${secondsText(seconds)}.`;
}

function slow({ slow: requests, typical, outcome, wholeSeconds }: ProbeSlow): string {
  const numbers = inWords(requests.map(({ number }) => String(number)));
  const times = inWords(requests.map(({ seconds }) => secondsText(seconds)));
  const one = requests.length === 1;
  const what = outcome === 'answered' ? 'the answers' : 'the failures';
  const fit = wholeSeconds
    ? ` ${one ? 'That is' : 'Each is'} whole seconds and a usual answer: it fits SYNs that were sent again.`
    : '';
  return `Request${one ? '' : 's'} ${numbers} took ${times}, where the median of ${what} is ${secondsText(typical)}.${fit} The output does not show why.`;
}

function after({ lastFailure, answers, seconds }: ProbeAfterFailure): string {
  if (answers === 0) return `Request ${lastFailure}, the last, still gets no answer.`;
  const rest = answers === 1 ? 'The request after it is answered' : `The ${answers} requests after it are answered`;
  return `The last failure is request ${lastFailure}. ${rest}, in ${secondsText(seconds)}; nothing was measured after that.`;
}

function compared({ sides }: ProbeCompared): Words {
  const parts = (['v1', 'v2'] as const).flatMap((side, index) => {
    const { requests, answered: answers, failureSeconds } = sides[side];
    const middle = requests - answers > 1 ? ' (median)' : '';
    const failures = failureSeconds === undefined ? '' : `, a failure took ${secondsText(failureSeconds)}${middle}`;
    return [index === 0 ? '' : '; ', sideName(side), ` answered ${answers} of ${requests}${failures}`];
  });
  return [...parts.filter((part) => part !== ''), '.'];
}
