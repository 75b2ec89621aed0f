using System.Text;

namespace TriggerFs.Tests.EndToEnd;

/// <summary>
/// README.md's tour as a script for one bash: each host of it is a home directory of its own. Other than on the page,
/// <c>init</c> is told a free port, the host's home (it would be /etc for root), and a file with the secret.
/// </summary>
static class ReadmeTour
{
    /// <summary>What stands before the commands.</summary>
    private const string Beginning = """
        set -eu -o pipefail
        trap 'kill $(jobs -p) 2> /dev/null || true; wait' EXIT
        trap 'exit 1' TERM
        trap 'echo "FAILED: $typed" >&2; tail -n 20 "$tour"/*.log >&2' ERR
        mkdir -p "$tour/bin"
        printf 'correct horse battery staple\n' > "$tour/secret"
        printf '#!/bin/bash\nif [ "$1" = init ]; then
            set -- "$@" --listen "%s" --dir "$HOME" --secret-file "$tour/secret"; fi\nexec %s "$@"\n' \
            "$address" "$program" > "$tour/bin/triggerfs"
        chmod +x "$tour/bin/triggerfs"
        PATH=$tour/bin:$PATH
        on() { export HOME="$tour/$1"; mkdir -p "$HOME"; cd "$HOME"; }
        until_in() { for _ in {1..600}; do ! grep -qs -- "$2" "$tour/$1" || return 0; sleep 0.05; done; false; }
        shown_token() { grep -oE '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}' "$tour/out.log" | head -n 1; }

        """;

    /// <summary>The admin's own section of the settings, as the page says that it is needed.</summary>
    private const string CopyMain = """
        sed '/^\[broker\]/,$d' "$tour/broker/triggerfs.toml" > triggerfs.toml

        """;

    /// <summary>Which line of which log says that what runs in the background is there.</summary>
    private static readonly Dictionary<string, string> Ready = new()
    {
        ["broker"] = "broker.log READY",
        ["worker"] = "broker.log 'demo01 is online'",
        ["mount"] = "mount.log 'Ready and running'",
    };

    /// <summary>The script of some blocks.</summary>
    public static string Script(IEnumerable<ReadmeBlock> blocks)
    {
        var script = new StringBuilder(Beginning);
        foreach (ReadmeBlock block in blocks)
        {
            script.Append("on ").Append(block.Host).Append('\n');
            if (block.Host == "pi") script.Append(CopyMain);
            if (block.Kind == "toml")
                script.Append("{\n").AppendJoin('\n', block.Lines.Select(Filled)).Append("\n} > triggerfs.toml\n");
            foreach (string command in block.Commands) script.Append(Step(command));
        }
        return script.ToString();
    }

    private static string Step(string command)
    {
        string typed = $"typed={Quoted(command)}\n";
        if (!command.EndsWith(" &", StringComparison.Ordinal))
            return $"{typed}{command} 2>&1 | tee -a \"$tour/out.log\"\n";
        string module = command.Split(' ')[1];
        return $"{typed}{command[..^2]} > \"$tour/{module}.log\" 2>&1 &\nuntil_in {Ready[module]}\n";
    }

    /// <summary>Prints a line of the settings with what the page cannot know filled in.</summary>
    private static string Filled(string line) => line.Split(' ')[0] switch
    {
        "broker" => "echo \"broker = \\\"$address\\\"\"",
        "brokerkey" => "grep ^brokerkey \"$tour/broker/triggerfs.toml\"",
        "token" => "echo \"token = \\\"$(shown_token)\\\"\"",
        _ => "echo " + Quoted(line),
    };

    private static string Quoted(string text) => "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
