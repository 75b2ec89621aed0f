using System.Diagnostics;
using MQTTnet;
using MQTTnet.Protocol;

namespace TriggerFs.Bench.Roles;

/// <summary>As many loops as there are messages under way, each awaiting the acknowledgement of QoS 1.</summary>
sealed class MqttPublisher : IAsker
{
    private const string Topic = "kept";

    private readonly IMqttClient _client;
    private readonly Lock _gate = new();

    public MqttPublisher(int port)
    {
        LeaveSubscriberAsync(port).GetAwaiter().GetResult();
        _client = ConnectAsync(port, "publisher", isLasting: false).GetAwaiter().GetResult();
    }

    public void Ask(Meter meter) =>
        Task.WhenAll(Enumerable.Range(0, meter.Cell.Outstanding).Select(_ => Task.Run(() => LoopAsync(meter))))
            .GetAwaiter().GetResult();

    public void Dispose() => _client.Dispose();

    /// <summary>Without somebody who shall get them, messages are not kept.</summary>
    private static async Task LeaveSubscriberAsync(int port)
    {
        using IMqttClient subscriber = await ConnectAsync(port, "subscriber", isLasting: true);
        await subscriber.SubscribeAsync(Topic, MqttQualityOfServiceLevel.AtLeastOnce);
        await subscriber.DisconnectAsync();
    }

    private static async Task<IMqttClient> ConnectAsync(int port, string name, bool isLasting)
    {
        IMqttClient client = new MqttClientFactory().CreateMqttClient();
        await client.ConnectAsync(new MqttClientOptionsBuilder()
            .WithTcpServer("127.0.0.1", port)
            .WithTlsOptions(tls => tls.UseTls().WithCertificateValidationHandler(_ => true))
            .WithClientId(name)
            .WithCleanSession(!isLasting)
            .Build());
        return client;
    }

    private async Task LoopAsync(Meter meter)
    {
        MqttApplicationMessage message = new MqttApplicationMessageBuilder()
            .WithTopic(Topic)
            .WithPayload(new byte[meter.Cell.Size])
            .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)
            .Build();
        bool goOn = true;
        while (goOn)
        {
            long asked = Stopwatch.GetTimestamp();
            await _client.PublishAsync(message);
            long now = Stopwatch.GetTimestamp();
            lock (_gate) goOn = meter.Answered(asked, now);
        }
    }
}
