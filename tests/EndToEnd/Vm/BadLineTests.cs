using System.Globalization;
using System.Text.RegularExpressions;
using TriggerFs.Tests.EndToEnd.Attack;
using Xunit.Abstractions;

namespace TriggerFs.Tests.EndToEnd.Vm;

/// <summary>
/// Broker, worker and mount on three hosts (network namespaces), whose lines the kernel itself makes bad: packets come
/// late and unevenly, are lost, doubled, changed, out of their order, and then not at all. Programs go on writing.
/// </summary>
[Collection(nameof(BootedMachine))]
public sealed class BadLineTests(BootedMachine machine, ITestOutputHelper report)
{
    internal const string Part = "line";

    /// <summary>Seconds for which nothing passes: longer than the silence after which a peer counts as gone.</summary>
    private static readonly int CutOff = Math.Min(60, (int)Soak.Duration(11).TotalSeconds);

    internal static readonly string Script = $$"""
        for module in veth sch_netem fuse; do busybox modprobe $module; done
        join() { # host, device, network
            ip netns add $1; ip -n $1 link set lo up
            ip link add up0 netns $1 type veth peer name $2
            ip -n $1 address add $3.2/24 dev up0; ip address add $3.1/24 dev $2
            ip -n $1 link set up0 up; ip link set $2 up
            ip -n $1 route add default via $3.1
        }
        ip address add 10.77.0.1/24 dev lo
        join worker w0 10.77.1; join mount m0 10.77.2

        echo 'correct horse battery staple' > secret; chmod 600 secret
        $t init --team team1 --identity admin --secret-file secret --dir . --listen tcp://10.77.0.1:5556 > /dev/null
        export TRIGGERFS_CONFIG=$PWD/triggerfs.toml
        sed -i 's/^listen = .*/listen = "tcp:\/\/*:5556"/' triggerfs.toml
        await() { # program, its log, what it says
            until grep -qs "$3" $2; do kill -0 $1 || { cat $2; exit 1; }; sleep 0.1; done
        }
        $t broker > broker.log 2>&1 & await $! broker.log READY
        $t cli -c 'set workers identity w' -c 'show workers w token' > token 2> /dev/null
        echo "[workers.team1.w]
        token = '$(grep -oE '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}' token | head -n 1)'" >> triggerfs.toml
        $t cli > cli.log 2>&1 << END
        set services name s
        set services s workers add w
        mkdir /d
        $(for trigger in t0 t1; do echo "set trigger name /d/$trigger
        set trigger $trigger plugin command/command
        set trigger $trigger service attach s"; done)
        END
        mkdir mnt; touch executions; echo 0 | tee t0.last t1.last t0.done > t1.done
        nsenter --net=/run/netns/worker $t worker -identity w --jobs 1 > worker.log 2>&1 &
        await $! worker.log BROKER_ACCEPTED
        nsenter --net=/run/netns/mount $t mount mnt > mount.log 2>&1 &
        await $! mount.log "Ready and running"

        write() { # trigger
            local command="cd $PWD; echo $1 %s \$TRIGGERFS_ATTEMPT >> executions; echo %s > $1.done"
            for ((n = 1; ; n++)); do
                [ ! -e stop ] || break
                echo $n > $1.last
                ! printf "$command" $n $n > mnt/d/$1 || echo $n >> $1.accepted
                sleep 0.8
            done
        }
        lines() { # what tc shall do with the queues at both ends of both lines
            for end in '-n worker:up0' ':w0' '-n mount:up0' ':m0'; do
                tc ${end%:*} $1 dev ${end#*:} root ${@:2}
            done
        }
        reach() { # numbers of which more must be done; without the time in which this machine stood still
            local begun=${EPOCHREALTIME/./} stalled=0 before looks
            for ((looks = 0; looks < 900; looks++)); do
                if [ $(< t0.done) -gt $1 ] && [ $(< t1.done) -gt $2 ]; then break; fi
                before=${EPOCHREALTIME/./}; sleep 0.1; stalled=$((stalled + ${EPOCHREALTIME/./} - before - 100000))
            done
            echo $(((${EPOCHREALTIME/./} - begun - stalled) / 1000)) ms
        }
        write t0 & t0=$!; write t1 & t1=$!
        echo the first are done after $(reach 0 0)

        lines "qdisc add" netem delay 100ms 50ms loss 10% duplicate 5% reorder 20% corrupt 2%
        sleep 4
        lines "-s qdisc show"
        lines "qdisc del"
        echo recovered from a bad line after $(reach $(< t0.done) $(< t1.done))

        lines "qdisc add" netem loss 100%
        sleep {{CutOff}}
        lines "qdisc del"
        echo recovered from no line after $(reach $(< t0.done) $(< t1.done))

        touch stop; wait $t0 $t1
        echo all is done after $(reach $(($(tail -n 1 t0.accepted) - 1)) $(($(tail -n 1 t1.accepted) - 1)))
        cp executions t?.accepted t?.last $PART
        tail -n 3 mount.log worker.log
        """;

    private static readonly string[] Triggers = ["t0", "t1"];

    [SkippableFact]
    public async Task Packets_that_come_late_twice_changed_or_never_lose_nothing_and_all_is_well_within_seconds()
    {
        string output = machine.Output(Part);
        report.WriteLine(output);
        Assert.Equal(4, Regex.Count(output, "qdisc netem .* loss 10%"));
        MatchCollection recovered = Regex.Matches(output, "(?m)^recovered from .* after ([0-9]+) ms$");
        Assert.Equal(2, recovered.Count);
        Assert.All(recovered, one => Assert.InRange(Number(one.Groups[1].Value), 0, Recovery.Max.TotalMilliseconds));

        var executions = new Executions(Left("executions"));
        Dictionary<string, List<int>> accepted = Triggers.ToDictionary(
            trigger => trigger, trigger => File.ReadLines(Left($"{trigger}.accepted")).Select(Number).ToList());
        await executions.AwaitAsync(accepted, output);
        executions.Check(
            Triggers.ToDictionary(trigger => trigger, trigger => Number(File.ReadAllText(Left($"{trigger}.last")))),
            output);
    }

    private string Left(string file) => Path.Combine(machine.Folder(Part), file);

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
