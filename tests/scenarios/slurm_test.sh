#!/bin/bash
# A sweep as an array job on a real Slurm: slurmctld and slurmd of this machine's packages on
# loopback, in a folder of their own. One element is killed while it works and is requeued; the
# merged store equals that of an undisturbed run.
# Usage: slurm_test.sh GPUPLAN SWEEP.yaml     Exit code 77: Slurm is not installed (skipped).
set -euo pipefail
gpuplan=$1 sweep=$2
for program in slurmctld slurmd sbatch munged; do
  if ! PATH=$PATH:/usr/sbin command -v "$program" > /dev/null; then
    echo "skipped: $program is not installed (apt install slurmctld slurmd slurm-client munge)"
    exit 77
  fi
done
[ "$(id -u)" = 0 ] || { echo "skipped: munged and slurmd of a test want root"; exit 77; }
export PATH=$PATH:/usr/sbin:$(dirname "$gpuplan")

work=$(mktemp -d -t gpuplan-slurm-XXXXXX)
chmod 755 "$work"
pids=()
stop() {
  kill "${pids[@]}" 2> /dev/null || true
  sleep 0.2
  kill -9 "${pids[@]}" 2> /dev/null || true
  rm -rf "$work"
}
trap stop EXIT

mkdir -p "$work/state" "$work/spool" "$work/run"
chmod 700 "$work/run"
head -c 1024 /dev/urandom > "$work/run/munge.key"
chmod 600 "$work/run/munge.key"
munged --foreground --force --key-file="$work/run/munge.key" --socket="$work/munge.socket" \
  --pid-file="$work/run/munged.pid" --log-file="$work/run/munged.log" --seed-file="$work/run/seed" \
  > /dev/null 2>&1 &
pids+=($!)

host=$(hostname -s)
port=$((20000 + $$ % 20000))
cat > "$work/slurm.conf" << CONF
ClusterName=gpuplan
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$work/munge.socket
CredType=cred/munge
SlurmctldPort=$port
SlurmdPort=$((port + 1))
SlurmctldPidFile=$work/run/slurmctld.pid
SlurmdPidFile=$work/run/slurmd.pid
SlurmctldLogFile=$work/run/slurmctld.log
SlurmdLogFile=$work/run/slurmd.log
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=batch_sched_delay=0,sched_interval=1
ReturnToService=2
MpiDefault=none
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=main Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF=$work/slurm.conf
slurmctld -D -f "$SLURM_CONF" > "$work/run/ctld.out" 2>&1 &
pids+=($!)
slurmd -D -f "$SLURM_CONF" -N "$host" > "$work/run/d.out" 2>&1 &
pids+=($!)
for _ in $(seq 100); do
  sinfo -h -o %T 2> /dev/null | grep -q idle && break
  sleep 0.2
done
sinfo -h -o %T 2> /dev/null | grep -q idle || {
  echo "skipped: Slurm did not start here:"
  tail -5 "$work"/run/*.log
  exit 77
}

cd "$work"
"$gpuplan" sweep "$sweep" --store whole.sqlite --jobs 1 > /dev/null
"$gpuplan" sweep "$sweep" --store "$work/out.sqlite" --jobs 1 --emit slurm --shards 4 > job.sh
job=$(sbatch --parsable --chdir="$work" job.sh)
killed=no
for _ in $(seq 300); do
  # An element that is at work loses its process the hard way, as by a failing node.
  if [ $killed = no ] && [ -s out.sqlite.1 ] && pkill -9 -f "store $work/out.sqlite.1 "; then
    killed=yes
  fi
  [ -z "$(squeue -h -j "$job" 2> /dev/null)" ] && break
  sleep 0.05
done
sbatch --parsable --wait --array=1 --chdir="$work" job.sh > /dev/null  # goes on where it stopped
"$gpuplan" merge out.sqlite.? --out merged.sqlite
"$gpuplan" export whole.sqlite > whole.csv
"$gpuplan" export merged.sqlite > merged.csv
cmp whole.csv merged.csv
[ $killed = yes ] || { echo "no element could be killed while it worked"; exit 1; }
echo "an array job with an element killed at work equals an undisturbed run"
