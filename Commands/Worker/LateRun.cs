using System.Text;
using TriggerFs.Core;
using TriggerFs.Core.Messages;
using TriggerFs.Core.Wire;

namespace TriggerFs.Commands.Worker;

/// <summary>A run of a plugin that must be looked for first; then it is that plugin's run.</summary>
sealed class LateRun : IPluginRun
{
    private readonly PluginDesk _desk;
    private readonly byte[] _message;
    private IRunOutput _output = null!;
    private IPluginRun? _run;
    private bool _ended;

    public LateRun(PluginDesk desk, in Run run)
    {
        _desk = desk;
        var wire = new WireWriter();
        run.WriteHead(wire);
        _message = [.. wire.Written, .. run.Payload];
    }

    public void Start(IRunOutput output)
    {
        _output = output;
        _desk.Search(Encoding.UTF8.GetString(Run.Read(_message).Plugin), Found);
    }

    public void Resume() => _run?.Resume();

    public void Stop()
    {
        if (_run is not null) _run.Stop();
        else End(new(Outcome.Done, 128 + Native.SIGTERM, "it was stopped while its plugin was looked for"));
    }

    public void Tick(long nowMs) => _run?.Tick(nowMs);

    private void Found(IPlugin? plugin, TriggerException? refusal)
    {
        if (_ended) return;
        try
        {
            if (refusal is not null) throw refusal;
            Run run = Run.Read(_message);
            PluginDesk.CheckStream(plugin!, run);
            _run = plugin is IInstantPlugin instant ? new InstantRun(instant, _message)
                : _desk.Prepare((IRunningPlugin)plugin!, run);
        }
        catch (TriggerException problem)
        {
            End(RunEnd.NotStarted(problem));
            return;
        }
        catch (Exception fault)
        {
            End(_desk.Report(fault, Run.Read(_message).Id, plugin?.Name ?? ""));
            return;
        }
        _run.Start(_output);
    }

    private void End(RunEnd end)
    {
        if (_ended) return;
        _ended = true;
        _output.End(end);
    }

    /// <summary>An instant plugin's answer, given as the reader takes it.</summary>
    private sealed class InstantRun(IInstantPlugin plugin, byte[] message) : IPluginRun
    {
        private IRunOutput _output = null!;
        private byte[] _answer = [];
        private int _at;
        private int _exitCode;
        private bool _ended;

        public void Start(IRunOutput output)
        {
            _output = output;
            InstantAnswer answer = plugin.Answer(Run.Read(message));
            _answer = answer.Output.ToArray();
            _exitCode = answer.ExitCode;
            Resume();
        }

        public void Resume()
        {
            while (_at < _answer.Length)
            {
                Span<byte> room = _output.Room();
                if (room.IsEmpty) return;
                int length = Math.Min(room.Length, _answer.Length - _at);
                _answer.AsSpan(_at, length).CopyTo(room);
                _output.Write(length, isError: false);
                _at += length;
            }
            Stop();
        }

        public void Stop()
        {
            if (_ended) return;
            _ended = true;
            _output.End(new(Outcome.Done, _exitCode));
        }

        public void Tick(long nowMs)
        {
        }
    }
}
