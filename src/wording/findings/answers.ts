import type {
  AnsweredBy,
  AnswerFinding,
  AnswersConnected,
  FailuresEnded,
  ProbePaced,
} from '../../analysis/findings/answers.ts';
import { counted } from '../../words.ts';
import { listed, type Words } from '../parts.ts';
import { failureWords, secondsText } from '../words.ts';
import type { Sentences } from './sentences.ts';

/** What the longer lines of a probe show, in words. */
export const answerSentences: Sentences<AnswerFinding> = {
  'answered-by': answeredBy,
  'failures-ended': ended,
  'answers-connected': connected,
  'probe-paced': paced,
};

function answeredBy({ pods, unnamed }: AnsweredBy): Words {
  const rest = unnamed === 0 ? '.' : `; ${counted(unnamed, 'answer')} named no pod.`;
  const [first, ...others] = pods;
  if (first && others.length === 0) {
    const what = first.answers === 1 ? 'The answer is of ' : `All ${first.answers} answers that name a pod are of `;
    return [what, first.pod, rest];
  }
  const each = pods.map(({ pod, answers }): Words => [pod, ` answered ${answers}`]);
  return [`${counted(pods.length, 'pod')} answered: `, ...listed(each), rest];
}

function ended({ ends }: FailuresEnded): string {
  const said = ends.map(({ exit, count, seconds }) => {
    const code = `${count > 1 ? 'median; ' : ''}curl’s exit code ${exit}`;
    return `${counted(count, 'request')} ${failureWords(exit)} after ${secondsText(seconds)} (${code})`;
  });
  return `Without an answer: ${said.join('; ')}.`;
}

function connected({ answers, connectSeconds, totalSeconds }: AnswersConnected): string {
  const [connect, total] = [connectSeconds, totalSeconds].map(secondsText);
  return answers === 1
    ? `Of the ${total} of the answer, the connection took ${connect}.`
    : `The connection of an answer typically took ${connect} of its ${total}.`;
}

function paced({ span, pause, longest, requests }: ProbePaced): string {
  const over = `From the first start to the last end the ${counted(requests, 'request')} took ${secondsText(span)}.`;
  if (requests === 2) return `${over} Between the two nothing was asked for ${secondsText(longest.seconds)}.`;
  return `${over} Between two of them nothing was asked for ${secondsText(pause)} (median), at most for ${secondsText(longest.seconds)}, after request ${longest.after}.`;
}
