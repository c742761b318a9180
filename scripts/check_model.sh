#!/usr/bin/env bash
# Trains three models against a real MLflow server: the first becomes the champion, a better one takes its place, and one
# that is not better does not.
#
# The server is the one of MLFLOW_TRACKING_URI, or one that is started here. MLFLOW_PYTHON names a Python with mlflow and
# scikit-learn.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${MLFLOW_PYTHON:-python3}
export MLFLOW_DISABLE_TELEMETRY=true PYTHONWARNINGS=ignore GIT_PYTHON_REFRESH=quiet
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server"; wait; rm -rf "$work"' EXIT

if [ -z "${MLFLOW_TRACKING_URI:-}" ]; then
    port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    "$python" -m mlflow server --host 127.0.0.1 --port "$port" --workers 1 --backend-store-uri "sqlite:///$work/db" \
        --artifacts-destination "$work/artifacts" > "$work/log" 2>&1 &
    server=$!
    export MLFLOW_TRACKING_URI=http://127.0.0.1:$port
    for _ in $(seq 120); do
        curl --silent --fail --output /dev/null "$MLFLOW_TRACKING_URI/health" && break
        kill -0 "$server" || { cat "$work/log" >&2; exit 1; }
        sleep 0.5
    done
fi
name=check-$$

# train LAST_LINE [OPTIONS]
train() {
    said=$("$python" scripts/train_model.py --experiment "$name" --model "$name" "${@:2}" 2> "$work/errors") || {
        cat "$work/errors" >&2
        exit 1
    }
    grep accuracy <<< "$said"
    [[ ${said##*$'\n'} =~ $1 ]] || { echo "expected: $1, and it ends in: ${said##*$'\n'}" >&2; exit 1; }
    echo "${said##*$'\n'}"
}

train '^version 1 is the champion now$' --strength 0.001
train '^version 2 is the champion now$' --strength 1
train '^version 2 stays the champion$' --strength 0.001
