import { isIP } from 'node:net';

/**
 * What the recorder writes in place of an address that must not be published: the role of the redaction rule
 * (`recording.redactions` in layers.yaml) and a number, such as `client-1`. Names may look the same, so that it is taken
 * for an address only where an address stands.
 */
export const STAND_IN = String.raw`[a-z][a-z0-9]*(?:-[a-z0-9]+)*-[1-9]\d*`;
const WHOLE = new RegExp(`^${STAND_IN}$`);

/** True for what stands in place of an address. */
export function isStandIn(text: string): boolean {
  return WHOLE.test(text);
}

/** True for an IPv4 or IPv6 address, and for what stands in place of one. */
export function isAddress(text: string): boolean {
  return isIP(text) > 0 || isStandIn(text);
}
