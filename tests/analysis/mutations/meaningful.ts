import { texts } from '../committed.ts';
import { type Edit, eachMatch, edit, on, onBoth } from './edit.ts';

/** Adds 1 to a number at the end of a match. */
const plusOne = (match: string) => match.replace(/\d+$/, (digits) => String(Number(digits) + 1));
const gone = () => '';

const tables: Edit[] = [
  ...onBoth('kubectl-table', 'l1-service-ips', [
    ['type ClusterIP', /LoadBalancer/, 'ClusterIP   '],
    ['no external address yet', /(?<= )\d+\.\d+\.\d+\.\d+(?= {3}80)/, '<pending>   '],
    ['headless', /(?<=LoadBalancer {3})10\.24\.\d+\.\d+/, 'None      '],
    ['port off by one', /80:/, '81:'],
    ['NodePort off by one', /(?<=:)3(\d{3})(\d)/, '3$19'],
    ['protocol', /TCP/, 'UDP'],
    ['another Service', /^nginx/m, 'nginy'],
    ['ClusterIP of another Service', /10\.24\.\d/, '10.24.7'],
    ['no NodePort', /:\d{5}\//, '/'],
  ]),
  ...onBoth('kubectl-table', 'l1-gce-forwarding-rule', [
    ['another address', /(?<=us-central1 {2})\d\d/, '99'],
    ['protocol', /TCP/, 'UDP'],
    ['region', /us-central1/g, 'us-central2'],
    ['region of the target alone', /us-central1\//, 'us-central2/'],
    ['a target pool of another name', /(?<=targetPools\/)a/, 'b'],
    ['a backend service', /targetPools/, 'backendServices'],
  ]),
  ...onBoth('kubectl-table', 'l3-endpoints', [
    ['one endpoint less', /,[\d.]+:80(?= )/, ''],
    ['one endpoint more', /(?<=:80),/, ',10.20.1.99:80,'],
    ['target port of one endpoint', /:80,/, ':81,'],
    ['target port of all endpoints', /:80/g, ':81'],
    ['no endpoint', /(?<=nginx {3})\S+/, '<none>'],
    ['another name', /^nginx/m, 'nginy'],
  ]),
  ...onBoth('kubectl-table', 'l3-endpointslice', [
    ['one endpoint less', /,[\d.]+(?= )/, ''],
    ['one endpoint more', /,/, ',10.20.1.99,'],
    ['target port', / 80 /, ' 81 '],
    ['address type', /IPv4/, 'IPv6'],
    ['slice of another Service', /^nginx-/m, 'nginy-'],
  ]),
];

const described: Edit[] = onBoth('describe', 'l1-service-detail', [
  ['type ClusterIP', /LoadBalancer\n/, 'ClusterIP\n'],
  ['selector', /app=nginx/, 'app=nginy'],
  ['session affinity', /(Session Affinity: +)None/, '$1ClientIP'],
  ['external traffic policy', /(External Traffic Policy: +)Cluster/, '$1Local'],
  ['internal traffic policy', /(Internal Traffic Policy: +)Cluster/, '$1Local'],
  ['one endpoint less', /,[\d.]+:80\n/, '\n'],
  ['no endpoint', /(Endpoints: +)\S+/, '$1<none>'],
  ['target port', /(TargetPort: +)80/, '$18080'],
  ['port', /(\nPort: +<unset> {2})80/, '$181'],
  ['NodePort off by one', /(NodePort: +<unset> {2}\d{4})\d/, '$19'],
  ['port of one endpoint', /:80,/, ':81,'],
  ['another external address', /(Ingress: +)\d\d/, '$199'],
  ['another ClusterIP', /(\nIP: +10\.2)4/, '$15'],
  ['the first of two addresses differs', /(\nIPs: +10\.2)4/, '$15'],
  ['IP families', /IPv4/, 'IPv6'],
  ['IP family policy', /SingleStack/, 'RequireDualStack'],
  ['mode of the address', /\(VIP\)/, '(Proxy)'],
  ['a label', /(Labels: +)<none>/, '$1app=nginx'],
  ['network endpoint groups off', /"ingress":true/, '"ingress":false'],
  ['protocol of the port', /80\/TCP/, '80/UDP'],
  ['namespace', /netflow-test/, 'other-test'],
  ['an event is a warning', /Normal {2}Ensured/, 'Warning  Ensured'],
  ['an event tells something else', /Ensured load balancer/, 'Load balancer is gone '],
  ['an event less', / +Normal {2}Ensured.*\n/, ''],
  ['health check NodePort', /(Internal Traffic)/, 'HealthCheck NodePort:     31999\n$1'],
]);

const yaml: Edit[] = onBoth('yaml', 'l2-target-pool', [
  ['one node less', /- \S+instances\/\S+\n/, ''],
  ['the same node twice', /(- \S+instances\/\S+\n)- \S+instances\/\S+\n/, '$1$1'],
  ['session affinity', /NONE/, 'CLIENT_IP'],
  ['kind of health check', /httpHealthChecks/, 'httpsHealthChecks'],
  ['health check of the Service', /-node\n/, '-svc\n'],
  ['no health check', /healthChecks:\n- \S+\n/, 'healthChecks: []\n'],
  ['zone of one node', /us-central1-c/, 'us-central1-f'],
  ['region', /regions\/us-central1\n/, 'regions/us-east4\n'],
  ['kind', /targetPool\n/, 'backendService\n'],
  ['name of another pool', /(\nname: )a/, '$1b'],
  ['pool of another Service', /netflow-test\/nginx/, 'netflow-test/other'],
  ['a failover pool', /(sessionAffinity)/, 'failoverRatio: 0.5\n$1'],
]);

const nat = 'v1/l4-iptables-nat';
/** The rules of the Service, as its comments and chains name them. */
const OWN_RULE = /^-A (?:.*netflow-test\/nginx.*|KUBE-EXT-P2CJC57QC736K2NH.*)\n/gm;
const rules: Edit[] = [
  ...eachMatch('iptables-save', 'a rule of the Service less', nat, OWN_RULE, gone),
  ...eachMatch(
    'iptables-save',
    'a target port off by one',
    nat,
    /"netflow-test\/nginx" -m tcp -j DNAT --to-destination [\d.]+:80/g,
    plusOne,
  ),
  ...eachMatch(
    'iptables-save',
    'a pod that is no endpoint',
    nat,
    /(?<="netflow-test\/nginx" -m tcp -j DNAT --to-destination )[\d.]+/g,
    () => '10.20.1.99',
  ),
  ...eachMatch('iptables-save', 'a probability', nat, /(?<=netflow-test\/nginx -> .*probability )0\.\d/g, () => '0.7'),
  ...eachMatch(
    'iptables-save',
    'a frontend port off by one',
    nat,
    /"netflow-test\/nginx (?:cluster|loadbalancer) IP" -m tcp --dport 80(?= -j KUBE-(?:SVC|EXT))/g,
    plusOne,
  ),
  ...on('iptables-save', nat, [
    ['NodePort off by one', /(-A KUBE-NODEPORTS -p tcp .*--dport )31057/, '$131058'],
    ['the VIP for UDP', /(136\.64\.249\.50\/32 -p )tcp(.*-m )tcp/, '$1udp$2udp'],
    ['packets for the VIP are dropped', /(136\.64\.249\.50\/32.*)-j KUBE-EXT\S+/, '$1-j DROP'],
    ['the VIP of another Service', /136\.64\.249\.50/, '136.64.249.51'],
    ['one endpoint is dropped', /(-A KUBE-SEP-WINV.*)-j DNAT.*/, '$1-j DROP'],
    ['only one source may use the VIP', /(-d 136\.64\.249\.50\/32)/, '-s 203.0.113.9/32 $1'],
    [
      'the VIP leads past the Service',
      /(loadbalancer IP.*)-j KUBE-EXT-P2CJC57QC736K2NH/,
      '$1-j KUBE-EXT-XP4WJ6VSLGWALMW5',
    ],
    ['one endpoint twice', /KUBE-SEP-X4MLFZ67G53NH3PU\n(?=-A KUBE-SVC)/, 'KUBE-SEP-WINV7FEMCBPDEZGG\n'],
    [
      'an earlier rule leads past the Service',
      /^(-A KUBE-SERVICES)/m,
      '-A KUBE-SERVICES -d 136.64.249.50/32 -p tcp -j RETURN\n$1',
    ],
  ]),
];

const map = 'v2/l4-ebpf-service-map';
const serviceMap: Edit[] = [
  ...eachMatch(
    'cilium-service-list',
    'a backend less',
    map,
    /\n +[23] => 10\.20\.[01]\.(?:9|10|15):80\/TCP \(active\) +(?=\n)/g,
    gone,
  ),
  ...eachMatch(
    'cilium-service-list',
    'a backend terminates',
    map,
    /:80\/TCP \(active\) {5}(?=\n)/g,
    () => ':80/TCP (terminating)',
  ),
  ...eachMatch(
    'cilium-service-list',
    'a backend port off by one',
    map,
    /(?<==> 10\.20\.[01]\.(?:9|10|15):)80/g,
    () => '81',
  ),
  ...eachMatch(
    'cilium-service-list',
    'a pod that is no endpoint',
    map,
    /(?<=[123] => 10\.20\.[01]\.)(?:9|10|15)(?=:80\/)/g,
    (ip) => (ip.length === 1 ? '7' : '77'),
  ),
  ...on('cilium-service-list', map, [
    ['type of the VIP', /LoadBalancer/, 'ClusterIP   '],
    ['type of the ClusterIP', /(10\.24\.8\.39:80\/TCP +)ClusterIP {3}/, '$1LoadBalancer'],
    ['type of the NodePort', /(0\.0\.0\.0:30574\/TCP +)NodePort /, '$1ClusterIP'],
    ['port of the VIP', /182:80/, '182:81'],
    ['protocol of the VIP', /182:80\/TCP/, '182:80/UDP'],
    ['NodePort off by one', /30574/, '30575'],
    ['another VIP', /34\.72/, '35.72'],
    ['another ClusterIP', /10\.24\.8\.39/, '10.24.8.38'],
    ['the VIP is gone', /21 {3}34[\s\S]*$/, ''],
  ]),
];

const pods: Edit[] = onBoth('pod-network', 'l5-pod-interface', [
  ['listens on another port', /:0050/, ':1F90'],
  ['listens on localhost only', /00000000:0050/, '0100007F:0050'],
  ['does not listen', / 0A /, ' 01 '],
  ['no socket', / +0: 00000000:0050.*\n/, ''],
  ['a second socket', /( +)0: 00000000:0050(.*)\n/, '$&   1: 00000000:1F90$2\n'],
  ['interface down', /state UP/, 'state DOWN'],
  ['no carrier', /,LOWER_UP/, ''],
  ['MTU', /mtu 1460/, 'mtu 1500'],
  ['length of the prefix', /\/24 /, '/32 '],
  ['scope', /scope global/, 'scope host'],
  ['another interface', /eth0/g, 'eth1'],
  ['a pod of something else', /nginx-bb/, 'other-bb'],
  ['owner of the socket', /(00000000 {5})0( {8}0)/, '$11$2'],
  ['queueing discipline', /noqueue/, 'fq_codel'],
]);

const plain: Edit[] = onBoth('plain', 'l5-pod-serves', [
  ['another page', /nginx/, 'apache'],
  ['a line less', /<head>\n/, ''],
  ['a line more', /<head>/, '<head>\n<meta charset="utf-8">'],
  ['an error page', /Welcome to nginx!/, '502 Bad Gateway'],
]);

const probeFiles = [...texts.keys()].filter((key) =>
  /l6-(?:cluster-mode|local-(?:symmetric|failover|converged))$/.test(key),
);
const probes: Edit[] = probeFiles.flatMap((key) => [
  ...eachMatch('http-probe', 'the other outcome', key, /HTTP (?:000|200)/g, (match) =>
    match.endsWith('000') ? 'HTTP 200' : 'HTTP 000',
  ),
  edit('http-probe', 'an error page instead of an answer', key, (text) => text.replace(/HTTP \d{3}/, 'HTTP 503')),
  edit('http-probe', 'a request less', key, (text) => text.replace(/Request 10.*\n/, '')),
  edit('http-probe', 'all take ten times as long', key, (text) => text.replace(/time (\d)\.(\d)/g, 'time $1$2.')),
]);

/** In a probe whose requests are all answered within 0.2 s, one that was not. */
const slow: Edit[] = probeFiles
  .filter((key) => /l6-(?:cluster|local-symmetric)/.test(key))
  .flatMap((key) => eachMatch('http-probe', 'a lost SYN', key, /(?<=time )0(?=\.)/g, () => '1'));

const reports: Edit[] = onBoth('key-value', 'l6-local-asymmetric', [
  ['two pods', /replicas=1/, 'replicas=2'],
  ['policy Cluster', /: Local/, ': Cluster'],
  ['one node less', /node\/\S+\n/, ''],
  ['the same node twice', /(node\/\S+\n)node\/\S+\n/, '$1$1'],
  ['the node of the pod is not in the list', /(?<=node\/gke\S*-)....$/m, 'zzzz'],
  ['another Deployment', /Deployment: nginx/, 'Deployment: other'],
  ['a pod of something else', /Pod: nginx/, 'Pod: other'],
]).concat(
  onBoth('key-value', 'l3-nodeport', [
    ['off by one', /\d$/m, '0'],
    ['none', /\d{5}/, '<none>'],
  ]),
);

/** Edits that change what the outputs mean. Every one of them must be noticed. */
export const meaningful: readonly Edit[] = [
  ...tables,
  ...described,
  ...yaml,
  ...rules,
  ...serviceMap,
  ...pods,
  ...plain,
  ...probes,
  ...slow,
  ...reports,
];
