import { render, type Values, word } from './render.ts';
import { RELAY } from './transports.ts';

/** The command lines the recorder runs for itself; a dry run prints the same ones. */
export const lines = {
  currentContext: 'kubectl config current-context',
  contextExists: (context: string) => render('kubectl config get-contexts -o name -- {{node}}', { node: context }),
  server: "kubectl config view --minify -o jsonpath='{.clusters[0].cluster.server}'",
  version: 'kubectl version -o json',
  nodes: 'kubectl get nodes -o json',
  systemPods: 'kubectl -n kube-system get pods -o json',
  clusters: 'gcloud container clusters list --project {{project}} --format=json',
  namespace: 'kubectl get namespace {{namespace}} -o json --ignore-not-found',
  ours: 'kubectl get namespaces -l app.kubernetes.io/managed-by=dataplane-visualizer -o json',
  services: 'kubectl -n {{namespace}} get services -o json',
  lease: 'kubectl -n {{namespace}} get lease dataplane-visualizer -o json --ignore-not-found',
  /** Objects in one command, so that a namespace of ours is not without its label, and hardly without its lease. */
  create: (objects: readonly object[]) =>
    `printf '%s\\n' ${objects.map((one) => word(JSON.stringify(one))).join(' ')} | kubectl create -f -`,
  /** A JSON patch (RFC 6902): with a `test` in front it is done by one client only. */
  patchLease: (namespace: string, patch: readonly object[]) =>
    `kubectl -n ${word(namespace)} patch lease dataplane-visualizer --type=json -p ${word(JSON.stringify(patch))}`,
  deploy: 'kubectl -n {{namespace}} apply -f workload/workload.yaml',
  rollout: 'kubectl -n {{namespace}} rollout status deployment/nginx --timeout=240s',
  clients: 'kubectl -n {{namespace}} wait --for=condition=Ready pod/client-allowed pod/client-blocked --timeout=240s',
  // Polled: `kubectl wait` for a field to appear needs kubectl 1.31.
  address:
    'test -n "$(kubectl -n {{namespace}} get service nginx -o jsonpath=\'{.status.loadBalancer.ingress[0].ip}\')"',
  removeNamespace: 'kubectl delete namespace {{namespace}} --timeout=280s',
  images: 'kubectl -n {{namespace}} get pods -o jsonpath=\'{range .items[*].spec.containers[*]}{.image}{"\\n"}{end}\'',
  service: 'kubectl -n {{namespace}} get service nginx -o json',
  pods: 'kubectl -n {{namespace}} get pods -l app=nginx -o json',
  forwardingRule: 'gcloud compute forwarding-rules list --project {{project}} --filter=IPAddress={{vip}} --format=json',
  relay: `kubectl -n ${RELAY.namespace} get deployment hubble-relay -o name --ignore-not-found`,
  ciliumDbg:
    "kubectl -n kube-system exec {{agentPod}} -c cilium-agent -- sh -c 'command -v cilium-dbg || command -v cilium'",
  endpoint: "kubectl -n {{namespace}} get ciliumendpoint {{pod}} -o jsonpath='{.status.id}'",
  edits: (folder: string) => `git status --porcelain -z --no-renames --untracked-files=all -- ${word(folder)}`,
  debugPods: 'kubectl -n {{namespace}} get pods -o json',
  debugPodDelete: 'kubectl -n {{namespace}} delete pod {{pod}} --wait=false',
} as const;

/** A line with its variables filled in. */
export function fill(
  name: { [K in keyof typeof lines]: (typeof lines)[K] extends string ? K : never }[keyof typeof lines],
  values: Values,
): string {
  return render(lines[name], values);
}
