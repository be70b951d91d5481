using System.Buffers;
using System.IO.Pipelines;

namespace Titanic.Web.Serving.Requests;

/// <summary>One answer, or an array of them, as the body of a response.</summary>
internal static class AnswerBody
{
    public const string ContentType = "application/json; charset=utf-8";

    /// <summary>An array goes out in pieces of about this size.</summary>
    private const int PieceBytes = 32 * 1024;

    /// <param name="ids">Null for answers without rows.</param>
    public static async Task WriteArray(PipeWriter to, AnswerTexts texts, ServedModel model, QuestionReader asked, long[]? ids, DateTimeOffset now, CancellationToken cancellation)
    {
        var instant = TextOf(now);
        var piece = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            for (var next = 0; next < asked.Count;)
            {
                var length = WritePiece(piece, ref next, texts, model, asked.Questions, ids, instant);
                await to.WriteAsync(piece.AsMemory(0, length), cancellation);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(piece);
        }
    }

    private static int WritePiece(
        Span<byte> piece, ref int next, AnswerTexts texts, ServedModel model, ReadOnlySpan<Question> questions, long[]? ids, ReadOnlySpan<byte> instant)
    {
        var length = 0;
        while (next < questions.Length && piece.Length - length > texts.MostBytes + 2)
        {
            piece[length++] = next == 0 ? (byte)'[' : (byte)',';
            length += Write(piece[length..], texts, model, questions[next], ids?[next] ?? 0, instant);
            next++;
        }
        if (next == questions.Length)
            piece[length++] = (byte)']';
        return length;
    }

    /// <returns>How many bytes were written.</returns>
    public static int WriteOne(Span<byte> to, AnswerTexts texts, ServedModel model, in Question question, long id, DateTimeOffset now)
    {
        Span<byte> instant = stackalloc byte[InstantText.MostBytes];
        return Write(to, texts, model, question, id, instant[..InstantText.Write(now, instant)]);
    }

    private static int Write(Span<byte> to, AnswerTexts texts, ServedModel model, in Question question, long id, ReadOnlySpan<byte> instant) => texts.Write(
        to, model.View.CodeOf(question.Pclass, question.Sex, question.AgeInYears, question.FareInPounds)!.Value, id, question.AgeInYears, question.FareInPounds, instant);

    private static byte[] TextOf(DateTimeOffset now)
    {
        var text = new byte[InstantText.MostBytes];
        return text[..InstantText.Write(now, text)];
    }
}
