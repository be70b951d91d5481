using System.Net.Sockets;
using System.Text;

namespace Titanic.Benchmarks;

/// <summary>
/// A keep-alive HTTP connection with one request at a time. It needs a fraction of the CPU of <see cref="HttpClient"/>, which matters where
/// the load and the server share two cores.
/// </summary>
internal sealed class RawHttpConnection : IDisposable
{
    private static readonly byte[] _endOfHeaders = "\r\n\r\n"u8.ToArray();
    private static readonly byte[] _endOfChunks = "\r\n0\r\n\r\n"u8.ToArray();
    private static readonly byte[] _contentLengthHeader = "content-length:"u8.ToArray();

    private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _received = new byte[64 * 1024];

    public static async Task<RawHttpConnection> Connect(Uri address)
    {
        var connection = new RawHttpConnection();
        await connection._socket.ConnectAsync(address.Host, address.Port);
        return connection;
    }

    /// <summary>The bytes of a POST request with a JSON body.</summary>
    public static byte[] Post(Uri address, string path, string body) => Encoding.UTF8.GetBytes(
        $"POST {path} HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");

    /// <summary>Sends a request and reads the complete response, which must be shorter than 64 KiB.</summary>
    /// <returns>The status code.</returns>
    /// <exception cref="SocketException">The connection was closed.</exception>
    public async Task<int> Send(byte[] request)
    {
        await _socket.SendAsync(request);
        var count = 0;
        do
        {
            var more = await _socket.ReceiveAsync(_received.AsMemory(count));
            count += more > 0 ? more : throw new SocketException((int)SocketError.ConnectionReset);
        }
        while (!IsComplete(_received.AsSpan(0, count)));
        return ((_received[9] - '0') * 100) + ((_received[10] - '0') * 10) + _received[11] - '0'; // HTTP/1.1 200
    }

    public void Dispose() => _socket.Dispose();

    private static bool IsComplete(ReadOnlySpan<byte> response)
    {
        var headers = response.IndexOf(_endOfHeaders);
        if (headers < 0)
            return false;
        if (response.EndsWith(_endOfChunks))
            return true;
        var bodyLength = ContentLengthOf(response[..(headers + 2)]);
        return bodyLength >= 0 && response.Length >= headers + _endOfHeaders.Length + bodyLength;
    }

    /// <returns>The value of Content-Length in bytes; -1 if the response is chunked.</returns>
    private static int ContentLengthOf(ReadOnlySpan<byte> headers)
    {
        foreach (var range in headers.Split("\r\n"u8))
        {
            var header = headers[range];
            if (header.Length > _contentLengthHeader.Length && Ascii.EqualsIgnoreCase(header[.._contentLengthHeader.Length], _contentLengthHeader))
                return int.Parse(header[_contentLengthHeader.Length..].Trim((byte)' '), System.Globalization.CultureInfo.InvariantCulture);
        }
        return -1;
    }
}
