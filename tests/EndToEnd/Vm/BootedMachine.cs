namespace TriggerFs.Tests.EndToEnd.Vm;

/// <summary>
/// One boot, which takes long, for all tests that need a kernel of their own. Each has a part of the script, which it
/// finds the output of, and a folder, which what it wrote there is still in.
/// </summary>
public sealed class BootedMachine : IAsyncLifetime, IDisposable
{
    private static readonly (string Name, string Script)[] Parts =
        [(RunLimitTests.Part, RunLimitTests.Script), (BadLineTests.Part, BadLineTests.Script)];

    private readonly TemporaryFolder _folder = new();
    private SkipException? _whyNot;

    public async Task InitializeAsync()
    {
        try
        {
            await VirtualMachine.RunAsync(_folder, string.Concat(Parts.Select(part => $$"""
                mkdir -p /run/{{part.Name}} $FOLDER/{{part.Name}}; cd /run/{{part.Name}}
                export PART=$FOLDER/{{part.Name}}
                ( set -e; trap 'kill $(jobs -p) 2> /dev/null || true' EXIT; t='{{RealProgram.Portable}}'
                {{part.Script}}
                ) > $PART/out 2>&1; echo $? > $PART/status

                """)));
        }
        catch (SkipException whyNot)
        {
            _whyNot = whyNot;
        }
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _folder.Dispose();

    /// <summary>Where a part left its files.</summary>
    internal string Folder(string part) => Path.Combine(_folder.Path, part);

    /// <summary>
    /// What a part printed. Skips the test when there is no machine, or it was too slow for this part; fails it when
    /// the part failed.
    /// </summary>
    internal string Output(string part)
    {
        string status = Path.Combine(Folder(part), "status");
        Skip.If(!File.Exists(status) && _whyNot is not null, _whyNot?.Message);
        string output = File.ReadAllText(Path.Combine(Folder(part), "out"));
        Skip.If(output.Contains("instruction sets are not supported"),
            $"{RealProgram.Portable} is for newer processors: TRIGGERFS_PORTABLE_BINARY names none");
        Assert.True(File.Exists(status) && File.ReadAllText(status) == "0\n", output);
        return output;
    }
}

/// <summary>Those who share it.</summary>
[CollectionDefinition(nameof(BootedMachine))]
public sealed class OnBootedMachine : ICollectionFixture<BootedMachine>;
