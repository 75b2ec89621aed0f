using System.Globalization;
using System.Text.RegularExpressions;

namespace TriggerFs.Tests.EndToEnd.Vm;

/// <summary>
/// The limits of a whole run hold on a kernel whose controllers are those of control groups of version 2: asked for
/// by a client, carried by a broker, run by a worker, all inside a virtual machine.
/// </summary>
[Collection(nameof(BootedMachine))]
public sealed class RunLimitTests(BootedMachine machine)
{
    internal const string Part = "limits";

    internal const string Script = """
        echo 'correct horse battery staple' > secret; chmod 600 secret
        $t init --team team1 --identity admin --secret-file secret --dir . > /dev/null
        export TRIGGERFS_CONFIG=/run/limits/triggerfs.toml
        $t broker > broker.log 2>&1 &
        until grep -qs READY broker.log; do sleep 0.2; done
        $t cli -c 'set workers identity w' -c 'show workers w token' > token 2> /dev/null
        (
            grep -A 9 '^.main' triggerfs.toml | grep -E '^(.main|broker)'; echo '[workers.team1.w]'
            echo "token = '$(grep -oE '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}' token | head -n 1)'"
            echo 'memory = "64M"'; echo 'pids = 20'; echo 'cpu = "50%"'
        ) > worker.toml
        chmod 600 worker.toml
        $t worker -identity w --config worker.toml > worker.log 2>&1 &
        worker=$!
        until grep -qs BROKER_ACCEPTED worker.log; do kill -0 $worker || { cat worker.log; exit 1; }; sleep 0.2; done
        cat > memory <<'END'
        for n in 1 2 3 4; do dd if=/dev/zero of=/dev/null bs=20M count=20 2> dd & done; wait; echo it has all
        END
        cat > pids <<'END'
        for n in $(seq 40); do sleep 3 & done; wait
        END
        cat > cpu <<'END'
        group=/sys/fs/cgroup$(cut -d: -f3 /proc/self/cgroup)
        state() { cut -d' ' -f1 /proc/uptime; sed -n 's/usage_usec //p' $group/cpu.stat; }
        before=$(state); timeout 4 sh -c 'while :; do :; done'; after=$(state)
        echo spent: $before $after.
        grep nr_throttled $group/cpu.stat
        END
        ask() { echo "request workers w timeout 2m command $1"; }
        (ask 'sh /run/limits/cpu'; ask 'sh /run/limits/pids') | $t cli 2>&1 || true
        ask 'sh /run/limits/memory' | $t cli 2>&1 || true
        """;

    [SkippableFact]
    public void Memory_processes_and_processor_time_of_a_run_are_limited_and_the_answer_says_which()
    {
        string output = machine.Output(Part);
        Assert.Contains("needed more memory than the settings' 'memory' allows a run", output);
        Assert.DoesNotContain("it has all", output);
        Assert.Contains("wanted more processes than the settings' 'pids' allows a run", output);
        Assert.Matches("nr_throttled [1-9]", output);
        double[] spent = [.. Regex.Match(output, @"spent: ([\d.]+) (\d+) ([\d.]+) (\d+)\.").Groups.Values.Skip(1)
            .Select(number => double.Parse(number.Value, CultureInfo.InvariantCulture))];
        // A half of the time that passed; without the limit it would be all of it.
        Assert.InRange((spent[3] - spent[1]) / 1e6 / (spent[2] - spent[0]), 0.001, 0.75);
    }
}
