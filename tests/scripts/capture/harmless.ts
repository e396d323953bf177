/** Outputs that hold nothing to hide; `hex` makes so many hexadecimal digits. */
export const harmless: readonly (readonly [name: string, make: (hex: (length: number) => string) => string])[] = [
  ['digest', (hex) => `image: nginx:1.29-alpine@sha256:${hex(64)}`],
  [
    'digests of a pod',
    (hex) => `Image ID: docker.io/library/nginx@sha256:${hex(64)}\nContainer ID: containerd://${hex(64)}`,
  ],
  ['checksum', (hex) => `checksum/config: ${hex(64)}`],
  ['commit', (hex) => `gitCommit: ${hex(40)}`],
  ['uid', (hex) => `uid: ${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}`],
  [
    'chain',
    (hex) => `:KUBE-SVC-${hex(16).toUpperCase()} - [0:0]\n-A KUBE-SEP-${hex(16).toUpperCase()} -j KUBE-MARK-MASQ`,
  ],
  ['pod', (hex) => `nginx-${hex(10)}-${hex(5)}   1/1   Running   0   5d`],
  ['resource version', (hex) => `resourceVersion: "${Number.parseInt(hex(7), 16)}"`],
  [
    'certificate',
    (hex) => `-----BEGIN CERTIFICATE-----\n${Buffer.from(hex(48)).toString('base64')}\n-----END CERTIFICATE-----`,
  ],
  [
    'authority',
    (hex) => `certificate-authority-data: ${Buffer.from(`-----BEGIN CERTIFICATE-----\n${hex(48)}`).toString('base64')}`,
  ],
  ['probe', () => 'curl -s -w "start=$(date -u +%Y-%m-%dT%H:%M:%SZ) status=%{http_code}" http://203.0.113.7'],
  ['public key', (hex) => `ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${hex(40)} node`],
  [
    'description of a Secret',
    (hex) =>
      `Name: web-${hex(5)}\nType: kubernetes.io/tls\nData\n====\ntls.crt:  1099 bytes\ntls.key:  1704 bytes\ntoken:  ${Number.parseInt(hex(3), 16)} bytes\npassword:  8 bytes`,
  ],
  [
    'references to Secrets',
    (hex) =>
      `secretName: web-${hex(5)}\nsecret: web-tls-${hex(5)}\nimagePullSecrets:\n- name: regcred-${hex(5)}\nsecretKeyRef:\n  key: password\n  name: db\n`,
  ],
  [
    'environment of a pod',
    (hex) =>
      `DB_PASSWORD:  <set to the key 'password' in secret 'db-${hex(4)}'>  Optional: false\nTOKEN_FILE: /var/run/secrets/tokens/${hex(5)}`,
  ],
  [
    'options',
    (hex) =>
      `--token-auth-file=/etc/x --service-account-private-key-file=/etc/k/${hex(4)} --authorization-mode=Node,RBAC`,
  ],
  ['marks', (hex) => `-A KUBE-POSTROUTING -m mark ! --mark 0x${hex(4)}/0x${hex(4)} -j RETURN`],
  [
    'link',
    (hex) =>
      `link/ether ${hex(12).replace(/..(?=.)/g, '$&:')} brd ff:ff:ff:ff:ff:ff\ninet6 fe80::${hex(4)}:${hex(4)}/64`,
  ],
  [
    'time',
    (hex) => `Jul  2 15:03:39.${Number.parseInt(hex(5), 16)}: 10.0.0.${Number.parseInt(hex(1), 16)}:80 -> 10.20.0.8:80`,
  ],
  [
    'socket',
    (hex) =>
      `   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 ${Number.parseInt(hex(5), 16)} 1 ${hex(16)} 100 0 0 10 0`,
  ],
  [
    'runtime',
    (hex) => `Container Runtime Version: containerd://1.7.${Number.parseInt(hex(2), 16)} docker://20.10.7 cri-o://1.29`,
  ],
  [
    'versions',
    (hex) =>
      `kernel 6.6.72+ v1.32.4-gke.${Number.parseInt(hex(4), 16)} gke-1324-gke-1415000-cos-117-18613-164-4 OID 1.3.6.1.4.1.311`,
  ],
  [
    'units',
    (hex) => `user@${Number.parseInt(hex(3), 16)}.service getty@tty1.service eth0@if${Number.parseInt(hex(2), 16)}:`,
  ],
  ['cookies of TCP', (hex) => `SYN cookies: ${hex(8)}\nCOOKIE   IDENTITY\n${hex(2)}   1234`],
  [
    'masked',
    (hex) =>
      `Authorization: Bearer <masked>\npassword: ***\ntoken: REDACTED\nAPI_TOKEN=$TOKEN_${hex(3).toUpperCase()}\npassword={{password}}`,
  ],
  ['services', (hex) => `--comment "auth/token:https-metrics cluster IP" -d 10.0.${Number.parseInt(hex(2), 16)}.1/32`],
];
