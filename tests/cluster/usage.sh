#!/bin/sh
# What each container of a namespace has used since it was started, as its node's kernel counted it; POSIX shell.
#
#   usage.sh NAMESPACE
#
# `now` and `peak` are memory without and with what can be taken back at once (the cache of files); `cpu` is all
# seconds of a CPU since the start.
set -eu
namespace=$1
k() { kubectl --namespace "$namespace" "$@"; }
# Run inside a container, by its own shell.
probe='
if [ -e /sys/fs/cgroup/memory.current ]; then
  now=$(cat /sys/fs/cgroup/memory.current); peak=$(cat /sys/fs/cgroup/memory.peak 2>/dev/null || echo 0)
  cache=$(sed -n "s/^inactive_file //p" /sys/fs/cgroup/memory.stat)
  cpu=$(sed -n "s/^usage_usec //p" /sys/fs/cgroup/cpu.stat)000
else
  now=$(cat /sys/fs/cgroup/memory/memory.usage_in_bytes); peak=$(cat /sys/fs/cgroup/memory/memory.max_usage_in_bytes)
  cache=$(sed -n "s/^total_inactive_file //p" /sys/fs/cgroup/memory/memory.stat)
  cpu=$(cat /sys/fs/cgroup/cpuacct/cpuacct.usage)
fi
echo "$((($now - $cache) / 1048576)) $(($peak / 1048576)) $(($cpu / 100000000))"
'
printf '%-40s %-14s %8s %8s %8s\n' pod container 'now MiB' 'peak MiB' 'cpu s'
k get pods --field-selector status.phase=Running \
  --output 'jsonpath={range .items[*]}{.metadata.name}{range .spec.containers[*]}{" "}{.name}{end}{"\n"}{end}' |
while read -r pod containers; do
  for container in $containers; do
    k exec "$pod" --container "$container" -- sh -c "$probe" </dev/null | while read -r now peak cpu; do
      printf '%-40s %-14s %8s %8s %6s.%s\n' "$pod" "$container" "$now" "$peak" "${cpu%?}" "${cpu#"${cpu%?}"}"
    done
  done
done
