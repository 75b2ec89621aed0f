using System.Text;
using System.Text.Json;
using TriggerFs.Core.Messages;

namespace TriggerFs.Commands.Worker.Go2018;

/// <summary>
/// One run of a plugin of 2018. It is over when there is an answer and <c>CLOSE</c> came through the socket, in
/// whatever order, and the process has ended. To what watches over the process it is where its output goes.
/// </summary>
sealed class Go2018Run : IPluginRun, IRunOutput
{
    /// <summary>
    /// How long what belongs to an answer may take after it, and after the end of the process: from the last line on,
    /// for a slow reader keeps many of them in the sockets.
    /// </summary>
    private const long CloseMaxMs = 2000, CloseAfterEndMaxMs = 500;

    /// <summary>How long the plugin may take to end when it is asked to, by Kill or by the end of its input.</summary>
    private const long KillMaxMs = 300, EndMaxMs = 500;

    private readonly ProcessRun _process;
    private readonly PairHost _pairs;
    private readonly RpcMessage _message;
    private readonly LogLines _errors;
    private readonly RpcAnswers _answers = new();
    private readonly Queue<byte[]> _lines = new();
    private PairChannel _channel = null!;
    private IRunOutput _output = null!;
    private string _socket = "";
    private RpcAnswer? _answer;
    private RunEnd? _processEnd;
    private string? _failure;
    private long _heard, _answeredMs, _killedMs, _doneMs, _endedMs, _outputClosedMs, _lineMs;
    private int _at;
    private bool _isClosed, _isStopping, _isStopped, _ended;

    public Go2018Run(ProcessRun process, PairHost pairs, RpcMessage message, LogLines errors)
    {
        (_process, _pairs, _message, _errors) = (process, pairs, message, errors);
        _process.Begun = () =>
        {
            if (!_isStopping) _process.Input!.Write(_message.Call("Plugin.Init", _socket, id: 0));
        };
        _process.OutputClosed = () => _outputClosedMs = Environment.TickCount64;
    }

    public void Start(IRunOutput output)
    {
        _output = output;
        _channel = _pairs.Open(Bound, Received, Unbound);
    }

    public void Resume() => GoOn();

    public void Stop()
    {
        if (_isStopping || _ended) return;
        _isStopping = true;
        _lines.Clear();
        _at = 0;
        if (_socket.Length == 0) Finish(new(Outcome.Done, 128 + Native.SIGTERM));
        else if (_process.Input is null) EndProcess();
        else if (_doneMs == 0) Kill();
        GoOn();
    }

    public void Tick(long nowMs)
    {
        _process.Tick(nowMs);
        if (_ended) return;
        if (_killedMs > 0 && nowMs - _killedMs >= KillMaxMs) EndProcess();
        if (_doneMs > 0 && nowMs - _doneMs >= EndMaxMs) EndProcess();
        if (_answer is not null && !_isClosed && _lines.Count == 0 && IsQuiet(_answeredMs, CloseMaxMs)) NeverClosed();
        // A program that ends closes it, too.
        if (_outputClosedMs > 0 && _answer is null && _processEnd is null && nowMs - _outputClosedMs >= EndMaxMs)
            Fail("it closed its standard output before it had answered");
        GoOn();
    }

    Span<byte> IRunOutput.Room() => _answers.Room();

    void IRunOutput.Write(int length, bool isError)
    {
        if (isError)
        {
            _errors.Write(_answers.Given(length));
            return;
        }
        if (_answer is not null || _failure is not null) return; // What it prints from here on does not count.
        _answers.Write(length);
        try
        {
            while (_answer is null && _answers.TryTake() is { } answer) Hear(answer);
        }
        catch (JsonException)
        {
            Fail($"it printed '{_answers.Shown}' on standard output, where only answers may be");
        }
    }

    void IRunOutput.End(RunEnd end)
    {
        _errors.End();
        _processEnd = end;
        _endedMs = Environment.TickCount64;
        GoOn();
    }

    private void Bound(string socket)
    {
        if (_ended) return;
        _socket = socket;
        _process.Start(this);
    }

    private void Unbound(string why) =>
        Finish(RunEnd.NotStarted(126, $"no ZeroMQ socket could be opened for the plugin: {why}"));

    private void Received(byte[] line)
    {
        if (_ended || _isClosed || _isStopping)
        {
            _channel.Consumed(line.Length);
            if (!_ended && line.AsSpan().SequenceEqual("CLOSE"u8)) _isClosed = true;
        }
        else if (line.AsSpan().SequenceEqual("CLOSE"u8))
        {
            _channel.Consumed(line.Length);
            _isClosed = true;
        }
        else
        {
            _heard++;
            _lineMs = Environment.TickCount64;
            _lines.Enqueue(line);
        }
        GoOn();
    }

    private void Hear(RpcAnswer answer)
    {
        if (answer.Id != 0 || _answer is not null) return; // Of Kill, whose effect counts and not its answer.
        _answer = answer;
        _answeredMs = Environment.TickCount64;
        GoOn();
    }

    /// <summary>Hands on the lines as far as the reader has room, and ends what can be ended.</summary>
    private void GoOn()
    {
        if (_ended) return;
        while (_lines.TryPeek(out byte[]? line))
        {
            if (!Show(line)) return;
            _lines.Dequeue();
            _lineMs = Environment.TickCount64;
            if (_doneMs == 0 && _failure is null) _channel.Consumed(line.Length); // Else it is of the answer.
        }
        if (_answer is not null && (_isClosed || _isStopping)) Done();
        if (_processEnd is { } end) ProcessEnded(end);
    }

    /// <summary>One line and its newline; false when there is no room for all of it.</summary>
    private bool Show(byte[] line)
    {
        bool hasNewline = line.Length > 0 && line[^1] == '\n';
        int length = line.Length + (hasNewline ? 0 : 1);
        while (_at < length)
        {
            Span<byte> room = _output.Room();
            if (room.IsEmpty) return false;
            int part = Math.Min(room.Length, line.Length - _at);
            line.AsSpan(_at, part).CopyTo(room);
            if (part < room.Length && _at + part == line.Length && !hasNewline) room[part++] = (byte)'\n';
            _output.Write(part, isError: false);
            _at += part;
        }
        _at = 0;
        return true;
    }

    /// <summary>All was heard: the answer's own lines come last, and the program may go.</summary>
    private void Done()
    {
        if (_doneMs > 0) return;
        _doneMs = Environment.TickCount64;
        _process.Input?.CloseWhenSent();
        if (_isStopping) return;
        ShowAnswer();
        GoOn();
    }

    private void ShowAnswer()
    {
        foreach (string text in _answer!.Output) _lines.Enqueue(Encoding.UTF8.GetBytes(text));
    }

    private void ProcessEnded(RunEnd end)
    {
        if (end.Outcome == Outcome.NotStarted)
        {
            Finish(end);
        }
        else if (_failure is not null)
        {
            Finish(new(Outcome.Done, ExitCodes.Protocol, _failure));
        }
        else if (_doneMs > 0)
        {
            Finish(Answered(_answer!, end));
        }
        else if (_isStopping)
        {
            Finish(new(Outcome.Done, -1, end.Detail));
        }
        else if (_answer is null)
        {
            string how = end.ExitCode > 128 ? $"was ended by signal {end.ExitCode - 128}"
                : $"ended with exit code {end.ExitCode}";
            Finish(new(Outcome.Done, end.ExitCode == 0 ? ExitCodes.Protocol : end.ExitCode,
                $"the plugin {how} before it had answered"));
        }
        else if (IsQuiet(_endedMs, CloseAfterEndMaxMs))
        {
            NeverClosed();
        }
    }

    /// <summary>In the world of 2018 both 0 and 200 are success.</summary>
    private static RunEnd Answered(RpcAnswer answer, RunEnd end)
    {
        bool was200 = answer.ExitCode == 200 && answer.Error is null;
        int exitCode = was200 ? 0 : answer.Error is not null && answer.ExitCode == 0 ? 1 : answer.ExitCode;
        string? why = answer.Error is null ? end.Detail : $"the plugin failed: {answer.Error}";
        return new(Outcome.Done, exitCode, why) { Was200 = was200 };
    }

    private bool IsQuiet(long sinceMs, long forMs) => Environment.TickCount64 - Math.Max(sinceMs, _lineMs) >= forMs;

    private void NeverClosed()
    {
        if (_failure is not null) return;
        ShowAnswer();
        Fail(_heard == 0
            ? "it answered, but nothing came from it through ZeroMQ, not even CLOSE"
            : $"it answered and sent {_heard} lines through ZeroMQ, but never CLOSE");
    }

    private void Fail(string why)
    {
        if (_failure is not null) return;
        _failure = $"the plugin broke its contract (go-2018): {why}";
        EndProcess();
        GoOn();
    }

    private void Kill()
    {
        if (_killedMs > 0) return;
        _killedMs = Environment.TickCount64;
        _process.Input!.Write(_message.Call("Plugin.Kill", _socket, id: 1));
    }

    private void EndProcess()
    {
        if (_isStopped) return;
        _isStopped = true;
        _process.Stop();
    }

    private void Finish(RunEnd end)
    {
        if (_ended) return;
        _ended = true;
        _channel.Dispose();
        _output.End(end);
    }
}
