using System.Buffers;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Titanic.Web.Serving.Storing;

namespace Titanic.Web.Serving.Requests;

/// <summary>
/// <c>POST /api/predictions</c>. It is asked far more often than anything else, so nothing is made for a request that need not be: no scope,
/// no JSON tree, no serializer where the answer is written already.
/// </summary>
internal sealed class PredictionsEndpoint(Predictor predictor, PredictionLog log, IOptions<JsonOptions> json)
{
    private volatile Written? _written;

    public async Task Answer(HttpContext context, bool explain)
    {
        using var asked = new QuestionReader();
        var (key, refusal) = IdempotencyKey.Of(context.Request);
        using var digest = key is null ? null : IdempotencyKey.DigestOf(explain);
        if ((refusal ?? await Read(context, asked, digest, explain)) is { } problem)
        {
            await problem.ExecuteAsync(context);
            return;
        }
        var model = await predictor.InService(context.RequestAborted); // once: all of a request's questions are answered by one version
        var now = predictor.Now();
        var deadline = log.NewDeadline();
        var ids = log.Mode == AnswerLog.Off ? null : await log.NewIds(asked.Count, deadline);
        var rows = ids is null && !explain && TextsOf(model) is not null ? [] : Predictor.Answer(model, asked.Questions, PredictionSources.Api, now, ids);
        var explained = explain ? await context.RequestServices.GetRequiredService<Explainer>().Explain(model, rows, context.RequestAborted) : null;
        var answer = new Answering(model, asked, rows, ids, now, explained);
        if (key is not null)
            await SendOnce(context, answer, key, digest!.GetHashAndReset(), deadline);
        else
            await Send(context, answer, deadline);
    }

    private static async ValueTask<IResult?> Read(HttpContext context, QuestionReader asked, IncrementalHash? digest, bool explain)
    {
        if (JsonContent.Problem(context.Request) is { } problem)
            return problem;
        try
        {
            await RequestBody.Read(context.Request.BodyReader, asked, digest, context.RequestAborted);
        }
        catch (JsonException broken)
        {
            return QuestionReader.Malformed(broken);
        }
        return asked.Refusal(explain);
    }

    private async Task Send(HttpContext context, Answering answer, Deadline deadline)
    {
        if (answer.Ids is not null)
            await log.Store(answer.Rows, deadline);
        context.Response.ContentType = AnswerBody.ContentType;
        if (!answer.Asked.IsArray && answer.Explained is null && TextsOf(answer.Model) is { } texts)
            await SendOne(context.Response, texts, answer);
        else
            await Write(context.Response.BodyWriter, answer, context.RequestAborted);
    }

    /// <summary>The answer is written first and stored with its rows; what is sent is what is stored, whoever stored it.</summary>
    private async Task SendOnce(HttpContext context, Answering answer, string key, byte[] digest, Deadline deadline)
    {
        var body = new MemoryStream();
        await Write(PipeWriter.Create(body, new StreamPipeWriterOptions(leaveOpen: true)), answer, context.RequestAborted);
        var stored = await log.StoreOnce(
            new KeyedAnswer { Caller = context.User.Identity?.Name ?? "", Key = key, RequestSha256 = digest, Answer = body.ToArray(), CreatedAt = answer.Now },
            answer.Ids is null ? [] : answer.Rows, deadline);
        if (!stored.RequestSha256.AsSpan().SequenceEqual(digest))
        {
            await IdempotencyKey.InUse(key).ExecuteAsync(context);
            return;
        }
        context.Response.ContentType = AnswerBody.ContentType;
        context.Response.ContentLength = stored.Answer.Length;
        await context.Response.BodyWriter.WriteAsync(stored.Answer, context.RequestAborted);
    }

    /// <summary>With its length, which needs no chunks.</summary>
    private static async Task SendOne(HttpResponse response, AnswerTexts texts, Answering answer)
    {
        var text = ArrayPool<byte>.Shared.Rent(texts.MostBytes);
        try
        {
            var length = AnswerBody.WriteOne(text, texts, answer.Model, answer.Asked.Questions[0], answer.Ids?[0] ?? 0, answer.Now);
            response.ContentLength = length;
            await response.BodyWriter.WriteAsync(text.AsMemory(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(text);
        }
    }

    private async Task Write(PipeWriter to, Answering answer, CancellationToken cancellation)
    {
        if (answer.Explained is null && TextsOf(answer.Model) is { } texts)
        {
            await (answer.Asked.IsArray
                ? AnswerBody.WriteArray(to, texts, answer.Model, answer.Asked, answer.Ids, answer.Now, cancellation)
                : WriteOne(to, texts, answer, cancellation));
            return;
        }
        PredictionAnswer[] answers = [.. answer.Rows.Select((row, i) => PredictionAnswer.Of(row, answer.Model.View) with { Explanation = answer.Explained?[i] })];
        if (answer.Asked.IsArray)
            await JsonSerializer.SerializeAsync(to, answers, json.Value.SerializerOptions, cancellation);
        else
            await JsonSerializer.SerializeAsync(to, answers[0], json.Value.SerializerOptions, cancellation);
    }

    private static async Task WriteOne(PipeWriter to, AnswerTexts texts, Answering answer, CancellationToken cancellation)
    {
        to.Advance(AnswerBody.WriteOne(to.GetSpan(texts.MostBytes), texts, answer.Model, answer.Asked.Questions[0], answer.Ids?[0] ?? 0, answer.Now));
        await to.FlushAsync(cancellation);
    }

    /// <summary>Null for a model whose inputs have no end. Written anew when another model has come into service.</summary>
    private AnswerTexts? TextsOf(ServedModel model)
    {
        if (_written is not { } written || written.Model != model)
            _written = written = new Written(model, model.Table is null ? null : new AnswerTexts(model, PredictionSources.Api, json.Value.SerializerOptions));
        return written.Texts;
    }

    private sealed record Written(ServedModel Model, AnswerTexts? Texts);

    /// <param name="Rows">Empty where nothing is stored and the answers are written already.</param>
    /// <param name="Ids">Null where nothing is stored.</param>
    private readonly record struct Answering(
        ServedModel Model, QuestionReader Asked, Prediction[] Rows, long[]? Ids, DateTimeOffset Now, IReadOnlyList<ExplainedAnswer>? Explained);
}
