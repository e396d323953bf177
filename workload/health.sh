#!/bin/sh
# How each node is now, a line each: first as the load balancer holds it, then by the node's own answer on the Service's
# healthCheckNodePort, asked from a pod of the workload.
#
#   health.sh NAMESPACE [gcloud compute target-pools|backend-services get-health NAME …]
namespace=$1
shift
at=$(date -u +%FT%T.%3NZ)
if [ $# -gt 0 ]; then
  # gcloud prints, for each node, its healthState above its instance.
  "$@" | awk -v at="$at" '
    $(NF - 1) == "healthState:" { state = $NF }
    $(NF - 1) == "instance:" { sub(".*/", "", $NF); print "health at=" at " from=pool node=" $NF " state=" state }'
fi
port=$(kubectl -n "$namespace" get service nginx -o jsonpath='{.spec.healthCheckNodePort}')
[ -n "$port" ] || exit 0
nodes=$(kubectl get nodes -o jsonpath='{range .items[*]}{.metadata.name}={.status.addresses[?(@.type=="InternalIP")].address} {end}')
# The list is split into words on purpose.
# shellcheck disable=SC2086
kubectl -n "$namespace" exec client-allowed -- sh -c '
  at=$1 port=$2
  shift 2
  for node; do
    : > /tmp/health
    status=$(curl -s -o /tmp/health --max-time 2 -w "%{http_code}" "http://${node#*=}:$port/healthz")
    echo "health at=$at from=node node=${node%%=*} status=$status answer=$(tr -d " \n\t" < /tmp/health)"
  done' sh "$at" "$port" $nodes
