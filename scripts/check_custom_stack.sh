#!/usr/bin/env bash
# Installs examples/custom-stack on the cluster of KUBECONFIG, trains models against it through its node port, and
# removes it.
#
# Needs kubectl, Helm 4 (HELM), a Python with mlflow and scikit-learn (MLFLOW_PYTHON), and node port 30013 free.
set -euo pipefail
cd "$(dirname "$0")/.."
namespace=mlflow-kube-custom-stack
helm=("${HELM:-helm}" --namespace "$namespace")
kubectl=(kubectl --namespace "$namespace")
: "${KUBECONFIG:?set it to the kubeconfig of a cluster that tests may use}"
step() { printf '%4ss  %s\n' "$SECONDS" "$*"; }
remove() { kubectl delete namespace "$namespace" --ignore-not-found --timeout=120s > /dev/null; }

remove
kubectl create namespace "$namespace" > /dev/null
kubectl label namespace "$namespace" pod-security.kubernetes.io/enforce=restricted > /dev/null
trap '[ $? = 0 ] || "${kubectl[@]}" get pods,events; remove' EXIT

step "helm install"
"${helm[@]}" install team examples/custom-stack/charts-out/team-mlflow --wait --timeout 5m > /dev/null
labels=$("${kubectl[@]}" get deployment team-team-mlflow --output jsonpath='{.metadata.labels.team}')
[ "$labels" = vision ]
"${kubectl[@]}" get networkpolicy team-team-mlflow-only-mlflow > /dev/null
[ -z "$("${kubectl[@]}" get poddisruptionbudgets --output name)" ]
step "the label and the policy are there, the disruption budget is not"

for _ in $(seq 30); do
    said=$("${kubectl[@]}" logs deployment/team-team-mlflow --container sidecar)
    [[ $said == *OK* ]] && break
    sleep 1
done
[[ $said == *OK* ]] || { echo "the sidecar says: $said" >&2; exit 1; }
step "the sidecar reaches MLflow"

node=$(kubectl get nodes --output jsonpath='{.items[0].status.addresses[?(@.type=="InternalIP")].address}')
MLFLOW_TRACKING_URI=http://$node:30013 scripts/check_model.sh
step "a client trained three models"

"${helm[@]}" test team --timeout 3m > /dev/null
step "helm test"
