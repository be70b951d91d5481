using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text.Json;

namespace Titanic.Web.Serving.Requests;

/// <summary>Hands a request's body to a <see cref="QuestionReader"/> piece by piece.</summary>
internal static class RequestBody
{
    /// <summary>Ten thousand questions written generously; more is refused with 413.</summary>
    public const int MostBytes = 4 * 1024 * 1024;

    /// <summary>A name, a text or a number is read whole, so it may not be as long as the body.</summary>
    public const int MostTokenBytes = 64 * 1024;

    /// <param name="digest">Takes all bytes as they were sent; null when nobody wants to know.</param>
    /// <exception cref="JsonException">The body is not JSON.</exception>
    public static async ValueTask Read(PipeReader body, QuestionReader questions, IncrementalHash? digest, CancellationToken cancellation)
    {
        ArrayBufferWriter<byte>? rest = null; // the beginning of a token whose end has not come
        var bytes = 0L;
        while (true)
        {
            var read = await body.ReadAsync(cancellation);
            var isWhole = bytes == 0 && read.IsCompleted && read.Buffer.IsSingleSegment;
            bytes += read.Buffer.Length;
            try
            {
                foreach (var piece in read.Buffer)
                {
                    digest?.AppendData(piece.Span);
                    if (!isWhole)
                        Take(piece.Span, rest ??= new ArrayBufferWriter<byte>(), questions);
                    else if (!piece.IsEmpty)
                        questions.Read(piece.Span, isLast: true);
                }
            }
            finally
            {
                body.AdvanceTo(read.Buffer.End);
            }
            if (read.IsCompleted)
            {
                if (rest is not null && bytes > 0)
                    questions.Read(rest.WrittenSpan, isLast: true);
                return;
            }
        }
    }

    private static void Take(ReadOnlySpan<byte> piece, ArrayBufferWriter<byte> rest, QuestionReader questions)
    {
        if (rest.WrittenCount == 0)
        {
            rest.Write(piece[questions.Read(piece, isLast: false)..]);
            return;
        }
        rest.Write(piece);
        var understood = questions.Read(rest.WrittenSpan, isLast: false);
        if (rest.WrittenCount - understood > MostTokenBytes)
            throw new JsonException($"A single name or value is longer than {MostTokenBytes} bytes.");
        var unread = rest.WrittenSpan[understood..].ToArray();
        rest.ResetWrittenCount();
        rest.Write(unread);
    }
}
