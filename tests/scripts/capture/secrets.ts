/*
 * What must never be published, made when the tests run: no key or token stands in the repository, and none ever opened
 * anything. The bytes come from a counter, so that a failure can be repeated.
 */
let state = 20260701;

function random(): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
}

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';
const HEX = `${DIGITS}abcdef`;
const UPPER = LOWER.toUpperCase();
const ALL = LOWER + UPPER + DIGITS;

/** Characters out of an alphabet; one of each kind stands at the front, as in what generators make. */
function made(length: number, alphabet = ALL): string {
  const text = Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)] ?? '').join('');
  return alphabet === ALL ? `k7${text.slice(2)}` : text;
}

const base64 = (text: string) => Buffer.from(text).toString('base64');
const base64url = (text: string) => Buffer.from(text).toString('base64url');
const lines = (count: number) => Array.from({ length: count }, () => made(64)).join('\n');
const armour = (kind: string, body: string) =>
  `${'-'.repeat(5)}BEGIN ${kind}${'-'.repeat(5)}\n${body}\n${'-'.repeat(5)}END ${kind}${'-'.repeat(5)}`;
const key = (kind: string) => armour(`${kind}PRIVATE ${'KEY'}`, lines(6));
const secretly = (name: string, value: string) => name + value;

/** Names and texts. The part that must not land anywhere is the longest word of each line. */
export const credentials: readonly (readonly [name: string, text: string])[] = [
  ['PKCS #8 key', key('')],
  ['RSA key', key('RSA ')],
  ['EC key', key('EC ')],
  ['DSA key', key('DSA ')],
  ['encrypted key', key('ENCRYPTED ')],
  ['OpenSSH key', key('OPENSSH ')],
  ['SSH2 key', `---- BEGIN SSH2 ENCRYPTED PRIVATE ${'KEY'} ----\n${lines(4)}\n`],
  ['PGP key', armour(`PGP PRIVATE ${'KEY'} BLOCK`, `\n${lines(6)}\n=${made(4)}`)],
  [
    'PuTTY key',
    `PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nPublic-Lines: 1\n${made(64)}\nPrivate-Lines: 1\n${made(48)}`,
  ],
  ['age key', `AGE-SECRET-KEY-1${made(58, UPPER)}`],
  ['key in one line of JSON', JSON.stringify({ key: key('') })],
  ['first line of a key', `${'-'.repeat(5)}BEGIN PRIVATE ${'KEY'}${'-'.repeat(5)}`],
  ['body of a PKCS #8 key alone', `${['MIIEvQ', 'IBADANBgkqhkiG9w0BAQEFAASC'].join('')}${made(120)}`],
  ['body of a PKCS #1 key alone', `${['MIIEow', 'IBAAKCAQEA'].join('')}${made(120)}`],
  ['body of an OpenSSH key alone', `${base64('openssh-key-v1\0')}${made(120)}`],
  ['tls.key of a Secret', `  tls.key: ${base64(`${key('')}\n`)}`],
  ['key in base64, one byte on', base64(`x${key('RSA ')}`)],
  ['key in base64, two bytes on', base64(`xy${key('EC ')}`)],
  ['PuTTY key in base64', base64(`PuTTY-User-${'Key'}-File-2: ssh-rsa\n${made(64)}`)],
  ['service account of Google', JSON.stringify({ type: 'service_account', private_key_id: made(40, HEX) }, null, 2)],
  ['application default credentials', JSON.stringify({ refresh: made(30), type: 'authorized_user' }, null, 2)],
  [
    'JWT',
    [base64url('{"alg":"RS256","kid":"1"}'), base64url('{"iss":"kubernetes/serviceaccount"}'), made(43)].join('.'),
  ],
  ['access token of Google', `ya29.${made(60)}`],
  ['refresh token of Google', `1//0${made(60)}`],
  ['client secret of Google', secretly('GOCSPX-', made(28))],
  ['API key of Google', secretly('AIza', made(35))],
  ['authorization code of Google', `code: 4/0A${made(50)}`],
  ['AWS key id', `AKIA${made(16, UPPER)}`],
  ['AWS session key id', `ASIA${made(16, UPPER)}`],
  ['AWS secret key, file', `aws_secret_access_key = ${made(40)}`],
  ['AWS secret key, environment', `AWS_SECRET_ACCESS_KEY=${made(40)}`],
  ['AWS secret key, JSON', `"SecretAccessKey": "${made(40)}"`],
  ['AWS session token', `aws_session_token=${made(120)}`],
  ['GitHub token', `ghp_${made(36)}`],
  ['GitHub fine-grained token', `github_pat_${made(22)}_${made(59)}`],
  ['GitLab token', `glpat-${made(20)}`],
  ['GitLab runner token', `glrt-${made(20)}`],
  ['GitLab deploy token', `gldt-${made(20)}`],
  ['npm token', `npm_${made(36)}`],
  ['npm token in .npmrc', `//registry.example.com/:_authToken=${made(36)}`],
  ['PyPI token', `pypi-AgEIcHlwaS5vcmc${made(60)}`],
  ['Slack token', `xoxb-${made(11, DIGITS)}-${made(12, DIGITS)}-${made(24)}`],
  ['Slack webhook', `https://hooks.slack.com/services/T${made(8, UPPER)}/B${made(8, UPPER)}/${made(24)}`],
  ['Stripe key', `sk_${'live'}_${made(24)}`],
  ['SendGrid key', `SG.${made(22)}.${made(43)}`],
  ['Vault token', `hvs.${made(90)}`],
  ['Grafana token', `glsa_${made(32)}_${made(8, HEX)}`],
  ['Docker token', `dckr_pat_${made(27)}`],
  ['DigitalOcean token', `dop_v1_${made(64, HEX)}`],
  ['OpenShift token', `sha256~${made(43)}`],
  ['k3s token', `K10${made(64, HEX)}::server:${made(32, HEX)}`],
  ['kubeadm token', `kubeadm join 10.0.0.1:6443 --token ${made(6, HEX)}.${made(16, HEX)}`],
  ['Basic authorization', `Authorization: Basic ${base64(`jane:${made(12)}`)}`],
  ['Basic authorization, proxy', `< Proxy-Authorization: Basic ${base64(`jane:${made(10)}`)}`],
  ['Basic authorization without its name', `-H Basic ${base64(`jane:${made(11)}`)}`],
  ['Bearer authorization', `Authorization: Bearer ${made(40)}`],
  ['Bearer in a curl', `curl -H "authorization: bearer ${made(40)}" http://10.0.0.1/`],
  ['Digest authorization', `Authorization: Digest username=jane,response=${made(32, HEX)}`],
  ['cookie', `Cookie: theme=dark; session=${made(32)}`],
  ['set-cookie', `< set-cookie: SID=${made(32)}; HttpOnly`],
  ['password in the environment', `POSTGRES_PASSWORD=${made(12)}`],
  ['short password', `MYSQL_PASSWORD=${made(7)}`],
  ['password in YAML', `  dbPassword: ${made(14)}`],
  ['password in JSON', `{"user":"jane","passwd":"${made(14)}"}`],
  ['password as an option', `mysqldump --password=${made(12)} shop`],
  ['password as the next word', `mysqldump --password ${made(12)} shop`],
  ['passphrase', `passphrase: "${made(5)} ${made(6)}"`],
  ['password of a container', `    - name: DB_PASSWORD\n      value: ${made(12)}`],
  ['token of a container, JSON', `{"name":"API_TOKEN","value":"${made(20)}"}`],
  ['password of curl', `curl -s -u jane:${made(12)} http://10.0.0.1/`],
  ['password of sshpass', `sshpass -p ${made(10)} ssh node`],
  ['password in .netrc', `machine 10.0.0.1 login jane password ${made(12)}`],
  ['password hash', `root:$6$${made(16)}$${made(86)}:19000:0:99999:7:::`],
  ['bcrypt hash', `jane:$2y$10$${made(53)}`],
  ['password in a URL', `https://jane:${made(12)}@git.example.com/x.git`],
  ['password in a URL with an address', `http://jane:${made(12)}@10.0.0.1/`],
  ['password in a URL without a user', `redis://:${made(12)}@10.0.0.1:6379`],
  ['password of a database', `postgres://jane:${made(12)}@db:5432/shop`],
  ['token in a URL', `https://example.com/x?access_token=${made(30)}`],
  ['signed URL of Google', `https://storage.example.com/b/o?X-Goog-Signature=${made(64, HEX)}`],
  ['signature of Azure', `https://x.blob.example.com/c?sv=2024&sig=${made(43)}%3D`],
  ['key of Azure', `AccountKey=${made(86)}==`],
  ['client secret', `"client_secret": "${made(32)}"`],
  ['API key', `X-Api-Key: ${made(24)}`],
  ['token in a header', `X-Auth-Token: ${made(32)}`],
  ['private key by its name', `privateKey: ${made(44)}`],
  ['client key of a kubeconfig', `    client-key-data: ${base64(made(60))}`],
  ['token of a kubeconfig', `    token: ${made(24, HEX)}`],
  ['login of a registry', `"auth": "${base64(`jane:${made(12)}`)}"`],
  ['.dockerconfigjson', `  .dockerconfigjson: ${base64(`{"auths":{"r":{"auth":"${made(20)}"}}}`)}`],
  ['Secret in YAML', `apiVersion: v1\ndata:\n  pin: ${base64(made(9))}\nkind: Secret\nmetadata:\n  name: x`],
  [
    'Secret in JSON',
    JSON.stringify({ data: { pin: base64(made(9)) }, kind: 'Secret', metadata: { name: 'x' } }, null, 4),
  ],
  ['key of IPsec', `\taead rfc4106(gcm(aes)) 0x${made(40, HEX)} 128`],
  ['key of WireGuard', `PrivateKey = ${Buffer.from(made(32)).toString('base64')}`],
  ['an output that wants not to be searched', `# secretlint-disable\n${secretly('glpat-', made(20))}`],
];

/** Notations of 34.72.78.183, each where such a thing stands. */
export const addresses: readonly (readonly [name: string, text: string, renamed: string])[] = [
  ['dotted', 'from 34.72.78.183 to', 'from client-1 to'],
  ['dotted with a port', '34.72.78.183:443', 'client-1:443'],
  ['dotted with a port of tcpdump', 'IP 34.72.78.183.443 > 10.0.0.1.80:', 'IP client-1.443 > 10.0.0.1.80:'],
  ['a network', '-d 34.72.78.183/32 -j X', '-d client-1/32 -j X'],
  ['behind a name', 'app.34.72.78.183.nip.io', 'app.client-1.nip.io'],
  ['an ssh destination', 'ssh -- root@34.72.78.183 id', 'ssh -- root@client-1 id'],
  ['with zeros in front', '042.0110.0116.0267', 'client-1'],
  ['hexadecimal bytes', '0x22.0x48.0x4e.0xb7', 'client-1'],
  ['dots for a regular expression', String.raw`grep '34\.72\.78\.183'`, "grep 'client-1'"],
  ['dots for a URL', 'q=34%2E72%2E78%2E183&', 'q=client-1&'],
  ['dots in brackets', '34[.]72[.]78[.]183', 'client-1'],
  ['dashed, AWS', 'ip-34-72-78-183.ec2.internal', 'ip-client-1.ec2.internal'],
  ['dashed, AWS public', 'ec2-34-72-78-183.compute-1.amazonaws.com', 'ec2-client-1.compute-1.amazonaws.com'],
  ['dashed, a pod', '34-72-78-183.default.pod.cluster.local', 'client-1.default.pod.cluster.local'],
  ['dashed, alone', 'node 34-72-78-183 is', 'node client-1 is'],
  ['reversed', '183.78.72.34.in-addr.arpa', 'client-1.in-addr.arpa'],
  ['reversed, Google', '183.78.72.34.bc.googleusercontent.com.', 'client-1.bc.googleusercontent.com.'],
  [
    'of the kernel',
    '   1: 0F00140A:0050 B74E4822:ECB6 01 00000000:00000000',
    '   1: 0F00140A:0050 client-1:ECB6 01 00000000:00000000',
  ],
  [
    'of the kernel, mapped',
    '   1: 0000000000000000FFFF00000F00140A:0050 0000000000000000FFFF0000B74E4822:ECB6 01',
    '   1: 0000000000000000FFFF00000F00140A:0050 client-1:ECB6 01',
  ],
  ['of the kernel, a route', 'eth0\t00000000\tB74E4822\t0003\t0', 'eth0\t00000000\tclient-1\t0003\t0'],
  ['hexadecimal in a URL', 'http://0x22484eb7/', 'http://client-1/'],
  ['hexadecimal after a key', 'saddr=0x22484eb7 dport', 'saddr=client-1 dport'],
  ['hexadecimal of tc', 'match 22484eb7/ffffffff at 16', 'match client-1/ffffffff at 16'],
  ['decimal in a URL', 'http://575164087/', 'http://client-1/'],
  ['decimal after a key', '"clientIp": 575164087,', '"clientIp": client-1,'],
  ['octal in a URL', 'http://04222047267:80/', 'http://client-1:80/'],
  ['two numbers in a URL', 'http://34.4738743/', 'http://client-1/'],
  ['mapped', '::ffff:34.72.78.183', 'client-1'],
  ['mapped, hexadecimal', '[::ffff:2248:4eb7]:80', '[client-1]:80'],
  ['mapped, long', '0000:0000:0000:0000:0000:ffff:2248:4eb7', 'client-1'],
  ['compatible', '::34.72.78.183', 'client-1'],
  ['translated', '::ffff:0:34.72.78.183', 'client-1'],
  ['NAT64', '64:ff9b::2248:4eb7', 'client-1'],
  ['NAT64, dotted', '64:ff9b::34.72.78.183', 'client-1'],
  ['NAT64, local', '64:ff9b:1::2248:4eb7', 'client-1'],
  ['mapped, for a URL', 'h=%3A%3Affff%3A2248%3A4eb7', 'h=client-1'],
];

/** Notations of 2600:1900:4000:a::b7. */
export const addresses6: readonly (readonly [name: string, text: string, renamed: string])[] = [
  ['short', 'inet6 2600:1900:4000:a::b7/64 scope', 'inet6 client-1/64 scope'],
  ['in capitals', '2600:1900:4000:A::B7', 'client-1'],
  ['long', '2600:1900:4000:000a:0000:0000:0000:00b7', 'client-1'],
  ['without zeros', '2600:1900:4000:a:0:0:0:b7', 'client-1'],
  ['with a port', '[2600:1900:4000:a::b7]:443', '[client-1]:443'],
  ['with a port of netstat', '2600:1900:4000:a:0:0:0:b7:443', 'client-1:443'],
  ['with a zone', '2600:1900:4000:a::b7%eth0', 'client-1%eth0'],
  ['behind a key', 'addr:2600:1900:4000:a::b7', 'addr:client-1'],
  ['before a colon', 'dial 2600:1900:4000:a::b7: refused', 'dial client-1: refused'],
  ['for a URL', 'h=2600%3A1900%3A4000%3Aa%3A%3Ab7', 'h=client-1'],
  ['dashed', '2600-1900-4000-a--b7.sslip.io', 'client-1.sslip.io'],
  ['dashed, a pod', '2600-1900-4000-a-0-0-0-b7.default.pod.cluster.local', 'client-1.default.pod.cluster.local'],
  ['reversed', '7.b.0.0.0.0.0.0.0.0.0.0.0.0.0.0.a.0.0.0.0.0.0.4.0.0.9.1.0.0.6.2.ip6.arpa', 'client-1.ip6.arpa'],
  ['of the kernel', '   1: 001900260A00004000000000B7000000:0050 ', '   1: client-1:0050 '],
  ['of if_inet6', '260019004000000a00000000000000b7 02 40 00 80     eth0', 'client-1 02 40 00 80     eth0'],
];

/** Notations of jane.doe+x@mail.example.com. */
export const emails: readonly (readonly [name: string, text: string, renamed: string])[] = [
  ['plain', 'by jane.doe+x@mail.example.com', 'by person-1'],
  ['in capitals', 'Jane.Doe+X@mail.example.com', 'person-1'],
  ['for a URL', 'user=jane.doe%2Bx%40mail.example.com&', 'user=person-1&'],
  ['for a URL, twice', 'user=jane.doe+x%2540mail.example.com', 'user=person-1'],
  ['for JSON', String.raw`"jane.doe+x\u0040mail.example.com"`, '"person-1"'],
  ['for HTML', 'jane.doe+x&#64;mail.example.com', 'person-1'],
  ['in brackets, for a URL', '%3Cjane.doe+x%40mail.example.com%3E', '%3Cperson-1%3E'],
];
