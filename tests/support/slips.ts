/**
 * What a sentence put together wrongly looks like: a hole, a number that is none, an empty list, a plural of one. The
 * number of a request counts nothing: `request 3 pod` is a field of the third.
 */
const SLIPS: Readonly<Record<string, RegExp>> = {
  'no value': /\b(?:undefined|null|NaN|Infinity)\b|\[object /,
  'a hole before a mark': /[ \u00a0][.,;:](?=\s|$)|[,;:][ \u00a0]?[.,;:](?=\s|$)|\(\s*\)|“\s*”/,
  'a doubled blank': /(?<=\S)[ \u00a0]{2,}(?=\S)/,
  'none of none': /\b0 of 0\b/,
  'a for an': /\ba (?:address|age|answer|endpoint|entry|event|identity|output)\b/,
  'a plural of one':
    /(?<![\w.,/:=\u00a0-])1 (?:[a-z]+ )?(?:addresses|ages|answers|backends|bytes|chains|checks|clients|connections|counts|drops|endpoints|entries|events|failures|flows|frontends|identities|layers|lines|names|nodes|outputs|packets|places|ports|pods|replicas|requests|rounds|rows|rules|Services|sockets|values)\b/,
  'a singular of several':
    /(?<![\w.,/:=-]|\brequest )(?:0|[2-9]|\d\d+) (?:address|age|answer|backend|chain|client|connection|count|drop|endpoint|entry|event|flow|frontend|identity|layer|line|node|output|packet|place|pod|replica|request|row|rule|socket|value)\b(?!…| event| IP| address| chain)/,
};

/** The slips in a text, by what they are. */
export function slipsIn(text: string): string[] {
  return Object.entries(SLIPS).flatMap(([what, slip]) => (slip.test(text) ? [what] : []));
}
