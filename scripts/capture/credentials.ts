import { lintSource } from '@secretlint/core';
import { secretLintProfiler } from '@secretlint/profiler';
import { creator as recommended } from '@secretlint/secretlint-rule-preset-recommend';

/** Something in a text that gives access to something. */
export interface Credential {
  /** What it is, in words. */
  kind: string;
  /** Offset of its first character. */
  start: number;
}

// It would keep a few hundred bytes for each rule and each piece of an output.
secretLintProfiler.setEnabled(false);

const CONFIG = {
  rules: [
    {
      id: '@secretlint/secretlint-rule-preset-recommend',
      rule: recommended,
      // An output must not say that it is not to be searched.
      rules: [{ id: '@secretlint/secretlint-rule-filter-comments', disabled: true }],
    },
  ],
};

/** What stands where a secret would, and is none: `<none>`, `$PASSWORD`, `{{token}}`, `***`, `REDACTED`, `8 bytes`, a path. */
const NO_VALUE = String.raw`(?!<|\$(?:\{|\(|[A-Z_][A-Z0-9_]*\b|[a-z_]+\b)|\{\{|%[sdv{(]|\*{3}|x{3,}\b|\[?(?:REDACTED|redacted|masked|hidden)\b|[~.]?/(?:[a-z][\w.-]*/)+|\.{3}|(?:true|false|null|none|nil|undefined|\d+ bytes)\b)`;
/** Between a key and its value, on one line. */
const GIVEN = String.raw`["'\\]{0,2}[ \t]*(?:=>|:=|[:=])[ \t]*["'\\]{0,2}`;
const PASSWORD = '(?:[Pp]ass(?:[Ww]ord|wd|phrase)|PASS(?:WORD|WD|PHRASE)|(?<=[_-])(?:pwd|PWD|pass|PASS))';
const KEY_OF =
  '[Aa]pi|API|[Aa]ccess|ACCESS|[Pp]rivate|PRIVATE|[Ss]ecret|SECRET|[Ss]hared|SHARED|[Ss]igning|SIGNING|[Ee]ncryption|ENCRYPTION|[Aa]uth|AUTH|[Ss]ession|SESSION|[Aa]ccount|ACCOUNT|[Mm]aster|MASTER';
const SECRET = `(?:[Ss]ecret|SECRET|[Tt]oken|TOKEN|[Cc]redentials?|CREDENTIALS?|(?:${KEY_OF})[_-]?(?:[Aa]ccess[_-]?|ACCESS[_-]?)?(?:[Kk]ey|KEY))`;
/** At least eight characters that are neither words nor the name of an object, such as `https-metrics` or `web-tls-x7k2p`. */
const SECRET_VALUE = String.raw`(?![A-Za-z]+(?:[-_.][A-Za-z0-9]{1,10})*(?![\w+/=.~-]))[^\s"'<>,;&]{8,}`;

interface Rule {
  kind: string;
  /** Without this it cannot be there, which is quick to see. */
  hint: RegExp;
  pattern: RegExp;
}

/** What secretlint's recommended rules do not know, or know only where it stands whole. */
const RULES: readonly Rule[] = [
  {
    // RFC 7468, OpenPGP, SSH2 and PuTTY; age; the first line is enough, its body may be anywhere.
    kind: 'private-key',
    hint: /private[ -]|PuTTY|AGE-SECRET/i,
    pattern:
      /-{4,5} ?BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)? ?-{4,5}|PuTTY-User-Key-File-\d:|Private-(?:Lines|MAC|Hash): ?[0-9a-f]|AGE-SECRET-KEY-1[A-Z0-9]{20,}/gi,
  },
  {
    // `PRIVATE KEY-` and `PuTTY-User-Key` at each of the three offsets base64 can give them.
    kind: 'private-key',
    hint: /UFJJVkFURSBLRV|BSSVZBVEUgS0VZ|QUklWQVRFIEtFW|UHVUVFktVXNlci1LZX|B1VFRZLVVzZXItS2V5|QdVRUWS1Vc2VyLUtle/,
    pattern: /UFJJVkFURSBLRV|BSSVZBVEUgS0VZ|QUklWQVRFIEtFW|UHVUVFktVXNlci1LZX|B1VFRZLVVzZXItS2V5|QdVRUWS1Vc2VyLUtle/g,
  },
  {
    // Bodies without their first line: PKCS #8 of RSA, EC and Ed25519, PKCS #1, SEC 1, OpenSSH.
    kind: 'private-key',
    hint: /MII|MC4CAQAwBQYDK2Vw|M[HIG]|b3BlbnNzaC1rZXktdjE/,
    pattern:
      /\bMI(?:IE|IJ|IC|IG)[A-Za-z0-9+/]{2,4}IBADANBgkqhkiG9w0BAQEF|\bMII[A-Za-z0-9+/]{3}IBAAKCA|\bMIGHAgEAMBMGByqGSM49AgEG|\bM[HI][A-Za-z0-9+/]{1,3}CAQEE[A-Z]|\bMC4CAQAwBQYDK2Vw|b3BlbnNzaC1rZXktdjE/g,
  },
  {
    kind: 'service-account-key',
    hint: /private_key|service_account|authorized_user|external_account/,
    pattern:
      /\\?"private_key(?:_id)?\\?"\s*:|\\?"type\\?"\s*:\s*\\?"(?:service_account|authorized_user|external_account)\\?"/g,
  },
  { kind: 'jwt', hint: /eyj/i, pattern: /(?<![A-Za-z0-9])eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*/g },
  {
    // Google: access, refresh, client secret, API key, authorization code. AWS: key ids.
    kind: 'token',
    hint: /ya29\.|1\/\/0|GOCSPX-|AIza|4\/0A|A[KS]IA/,
    pattern:
      /\bya29\.[\w-]{16,}|(?<![\w/:])1\/\/0[\w-]{20,}|\bGOCSPX-[\w-]{20,}|AIza[\w-]{35}|(?<![\w/])4\/0A[\w-]{20,}|(?<![A-Za-z0-9])(?:AKIA|ASIA)[0-9A-Z]{16}(?![A-Za-z0-9])/g,
  },
  {
    // Others with a shape of their own: GitHub, GitLab, npm, Slack, DigitalOcean, PyPI, OpenShift, k3s, Docker, Hugging Face.
    kind: 'token',
    hint: /gh[pousr]_|github_pat_|gl[a-z]{2,5}-|GR1348941|npm_|xox[abeprs]|xapp-|do[opr]_v1_|pypi-|sha256~|K10[0-9a-f]{8}|dckr_|hf_/,
    pattern:
      /(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{22,}|gl(?:pat|dt|rt|rtr|cbt|ptt|ft|imt|agent|oas|soat|ffct)-[\w-]{16,}|GR1348941[\w-]{16,}|npm_[A-Za-z0-9]{30,}|xox[abeprs]-[\w-]{10,}|xapp-\d-[\w-]{10,}|do[opr]_v1_[0-9a-f]{40,}|pypi-AgE[\w-]{20,}|sha256~[\w-]{40,}|K10[0-9a-f]{40,}::|dckr_(?:pat|oat)_[\w-]{20,}|hf_[A-Za-z]{30,})/g,
  },
  {
    kind: 'authorization',
    hint: /authorization|bearer|basic/i,
    pattern: new RegExp(
      String.raw`authorization${GIVEN}(?:(?:basic|bearer|digest|negotiate|token|apikey|ntlm|aws4-hmac-sha256)\s+${NO_VALUE}[^\s"',<>]{4,}|${NO_VALUE}${SECRET_VALUE})|\bbearer\s+${NO_VALUE}(?=[\w.~+/=-]{16})${SECRET_VALUE}|\bbasic\s+[A-Za-z0-9+/]{6,}={1,2}`,
      'gi',
    ),
  },
  {
    kind: 'cookie',
    hint: /cookie/i,
    pattern: new RegExp(
      String.raw`(?<![A-Za-z])(?:set-)?cookie2?${GIVEN}(?:[^\s;]{1,200};[ \t]*){0,20}[^\s=;"']{1,64}=["']?${NO_VALUE}[^\s;"']{6,}`,
      'gi',
    ),
  },
  {
    kind: 'password',
    hint: /pass|pwd/i,
    pattern: new RegExp(
      String.raw`(?:${PASSWORD}${GIVEN}|--(?:[a-z]+-){0,4}(?:password|passwd|passphrase|pass|pwd)[ \t]+["']?)${NO_VALUE}[^\s"',;&]{4,}`,
      'g',
    ),
  },
  {
    // `name:` and `value:` of a container's environment, as YAML and as JSON.
    kind: 'password',
    hint: /value/,
    pattern: new RegExp(
      String.raw`\bname\\?["']?\s*:\s*\\?["']?\w*(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIALS?)\\?["']?,?\s*\\?["']?value\\?["']?\s*:\s*\\?["']?${NO_VALUE}[^\s"'\\]{4,}`,
      'gi',
    ),
  },
  {
    // curl (not the format of a `date -u` in its line), sshpass, .netrc, docker's config, Azure's connection strings and signatures.
    kind: 'password',
    hint: /curl|sshpass|login|"auth|eyJhdXRocyI6|AccountKey|[?&]sig=|SharedAccess/i,
    pattern: new RegExp(
      String.raw`\bcurl\b[^\n|;]{0,400}?\s(?:-u|--user|-U|--proxy-user)[ =]?["']?(?!\+%)[^\s:"']+:${NO_VALUE}[^\s"']+|\bsshpass\s+-p\s*["']?${NO_VALUE}\S+|\blogin\s+\S+\s+password\s+${NO_VALUE}\S+|"auth"\s*:\s*"[A-Za-z0-9+/=]{8,}"|eyJhdXRocyI6|\b(?:Account|SharedAccess)Key=[A-Za-z0-9+/=]{20,}|[?&]sig=[\w%+/=-]{20,}`,
      'gi',
    ),
  },
  {
    // crypt(5) and argon2.
    kind: 'password-hash',
    hint: /\$(?:1|2[abxy]|5|6|y|7|gy|apr1|argon2i?d?)\$/,
    pattern: /\$(?:1|2[abxy]|5|6|y|7|gy|apr1|argon2i?d?)\$[\w./$=,+-]{20,}/g,
  },
  {
    kind: 'password-in-url',
    hint: /:\/\/[^\s/@]*:[^\s/@]+@/,
    pattern: new RegExp(String.raw`\b[a-z][a-z0-9+.-]*://[^\s/:@"'<>]*:${NO_VALUE}[^\s/@"'<>]+@`, 'gi'),
  },
  {
    kind: 'token',
    hint: /[?&](?:X-|access|id_|token|api|sign|key)/i,
    pattern: new RegExp(
      String.raw`[?&](?:X-(?:Goog|Amz)-(?:Signature|Security-Token|Credential)|access_token|id_token|token|api_?key|signature|key)=${NO_VALUE}[^\s&"'<>]{8,}`,
      'gi',
    ),
  },
  {
    kind: 'token',
    hint: /secret|token|key|credential/i,
    pattern: new RegExp(
      String.raw`(?:${SECRET}${GIVEN}|--(?:[a-z]+-){0,4}(?:secret|token|key)[ \t]+["']?)${NO_VALUE}${SECRET_VALUE}`,
      'g',
    ),
  },
  {
    kind: 'kubeconfig-credential',
    hint: /client-(?:key|certificate)-data/i,
    pattern: /\bclient-(?:key|certificate)-data["']?\s*:\s*["']?[A-Za-z0-9+/=]+/g,
  },
  {
    // The data of a Secret, whatever its keys are called; `kubectl describe` prints only how long they are.
    kind: 'kubernetes-secret',
    hint: /kind\\?["']?:\s*\\?["']?Secret\b/,
    pattern: /kind\\?["']?:\s*\\?["']?Secret\\?["']?,?\s*\\?["']?(?:metadata|data|stringData|type|apiVersion)\b/g,
  },
  {
    // Keys of IPsec and WireGuard, as `ip xfrm state` and `wg showconf` print them.
    kind: 'session-key',
    hint: /0x[0-9a-f]{16}|PrivateKey|PresharedKey|private key|preshared key/i,
    pattern:
      /\b(?:aead|enc|auth(?:-trunc)?)\s+["']?[\w()-]+["']?\s+0x[0-9a-f]{16,}|\b(?:private|preshared) ?key\s*[:=]\s*[A-Za-z0-9+/]{42,43}=/gi,
  },
];

/**
 * Finds what gives access, by secretlint's recommended rules and by our own.
 * @param text one character for each byte
 */
export async function findCredentials(text: string): Promise<Credential[]> {
  const { messages } = await lintSource({
    source: { filePath: 'output', content: text, ext: '', contentType: 'text' },
    options: { config: CONFIG, noPhysicFilePath: true },
  });
  const known = messages.map(({ ruleId, range: [start] }) => ({
    kind: `${ruleId.replace('@secretlint/secretlint-rule-', '')} credential`,
    start,
  }));
  const own = RULES.flatMap(({ kind, hint, pattern }) =>
    hint.test(text) ? [...text.matchAll(pattern)].map(({ index }) => ({ kind, start: index })) : [],
  );
  return [...own, ...known];
}
