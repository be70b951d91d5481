using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Titanic.Web.Tests.Hosting;

/// <summary>A receiver for OTLP over HTTP with binary protobuf on a free port of this machine. It keeps the bodies of all requests.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, ConcurrentQueue<byte[]>> _received = new();

    private OtlpReceiver()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.MapPost("/v1/{signal}", Receive);
    }

    public string Address => _app.Urls.Single();

    public static OtlpReceiver Start()
    {
        var receiver = new OtlpReceiver();
        receiver._app.Start();
        return receiver;
    }

    /// <summary>The messages of a signal: <c>traces</c>, <c>metrics</c> or <c>logs</c>.</summary>
    public IReadOnlyList<ProtobufMessage> Received(string signal) => _received.TryGetValue(signal, out var bodies) ? [.. bodies.Select(body => new ProtobufMessage(body))] : [];

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task Receive(string signal, HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        _received.GetOrAdd(signal, _ => new()).Enqueue(body.ToArray());
        context.Response.ContentType = "application/x-protobuf"; // an empty body is a response without rejected items
    }
}

/// <summary>The fields of a protobuf message by their numbers.</summary>
internal readonly struct ProtobufMessage(ReadOnlyMemory<byte> bytes)
{
    private const int Varint = 0, Fixed64 = 1, LengthDelimited = 2, Fixed32 = 5;

    /// <summary>The bytes of all fields at a path of field numbers, through messages in messages.</summary>
    public IEnumerable<ProtobufMessage> All(params int[] path)
    {
        IEnumerable<ProtobufMessage> found = [this];
        foreach (var number in path)
            found = [.. found.SelectMany(message => message.Fields().Where(field => field.Number == number).Select(field => new ProtobufMessage(field.Value)))];
        return found;
    }

    /// <summary>The text at a path; empty if it is absent.</summary>
    public string Text(params int[] path) => System.Text.Encoding.UTF8.GetString(All(path).SingleOrDefault().Bytes.Span);

    /// <summary>The integer at a path.</summary>
    public long Integer(params int[] path) => (long)ReadVarint(All(path).Single().Bytes.Span, out _);

    public ReadOnlyMemory<byte> Bytes { get; } = bytes;

    private List<(int Number, ReadOnlyMemory<byte> Value)> Fields()
    {
        var fields = new List<(int, ReadOnlyMemory<byte>)>();
        for (var rest = Bytes; rest.Length > 0;)
        {
            var tag = ReadVarint(rest.Span, out var tagLength);
            rest = rest[tagLength..];
            var prefix = 0;
            var length = (int)(tag & 7) switch
            {
                Varint => LengthOfVarint(rest.Span),
                Fixed64 => 8,
                LengthDelimited => (int)ReadVarint(rest.Span, out prefix),
                Fixed32 => 4,
                var type => throw new InvalidDataException($"The wire type is {type}."),
            };
            fields.Add(((int)(tag >> 3), rest.Slice(prefix, length)));
            rest = rest[(prefix + length)..];
        }
        return fields;
    }

    private static int LengthOfVarint(ReadOnlySpan<byte> bytes)
    {
        ReadVarint(bytes, out var length);
        return length;
    }

    private static ulong ReadVarint(ReadOnlySpan<byte> bytes, out int length)
    {
        var value = 0UL;
        length = 0;
        do
            value |= (ulong)(bytes[length] & 0x7F) << (7 * length);
        while ((bytes[length++] & 0x80) != 0);
        return value;
    }
}
