using FsCheck;
using FsCheck.Fluent;
using Titanic.Web.Access;

namespace Titanic.Web.Tests.Hosting.OpenApi;

/// <summary>Requests made from the document, good and bad, always the same ones.</summary>
[Collection<OneContractSite>]
public sealed class RandomRequestsTests(ContractSite site)
{
    private const int PerSlowOperation = 5;

    /// <summary>CI takes its time; whoever runs the tests by hand is to wait for seconds.</summary>
    private static readonly int _perOperation = Environment.GetEnvironmentVariable("CI") == "true" ? 100 : 25;

    /// <summary>Each good one learns a model, or reads every row.</summary>
    private static readonly string[] _slow = ["reproduceVersion", "verifyTrainingDataset", "compareVersions", "downloadArchive", "startRun"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Whatever_is_sent_is_answered_as_the_document_tells_and_never_by_a_failure_of_ours()
    {
        var contract = await Contract.Of(site);
        var requests = new Requests(new Values(contract));
        var keys = new Dictionary<string, string>
        {
            ["ingest"] = await site.NewKey(ApiKeyScope.Ingest),
            ["operate"] = await site.NewKey(ApiKeyScope.Operate),
            ["predict"] = await site.NewKey(ApiKeyScope.Predict),
        };
        var wrong = new List<string>();
        foreach (var operation in contract.Operations)
        {
            var sample = Sample(requests.Of(operation), _slow.Contains(operation.Id) ? PerSlowOperation : _perOperation);
            foreach (var request in sample)
            {
                using var answer = await Send(request, keys);
                if (await contract.ProblemOf(operation, answer) is { } problem)
                    wrong.Add($"{request}\n    -> {problem}");
            }
        }
        Assert.True(wrong.Count == 0, $"{wrong.Count}:\n{string.Join('\n', wrong.Take(40))}");
    }

    private static List<SentRequest> Sample(Gen<SentRequest> requests, int count)
    {
        var made = new List<SentRequest>();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(count).WithReplay(1912, 415).WithQuietOnSuccess(true), Prop.ForAll(requests.ToArbitrary(), made.Add));
        return made;
    }

    private async Task<HttpResponseMessage> Send(SentRequest request, Dictionary<string, string> keys)
    {
        using var message = new HttpRequestMessage(new HttpMethod(request.Operation.Method), request.Address);
        if (request.Key != "none")
            message.Headers.Add(ApiKeyAuthentication.Header, request.Key switch { "right" => keys[request.Operation.Scope ?? "predict"], "wrong" => keys["predict"], _ => "titanic_unknown" });
        if (request.Accept is not null)
            message.Headers.TryAddWithoutValidation("Accept", request.Accept);
        if (request.Body is not null)
        {
            message.Content = new ByteArrayContent(request.Body);
            if (request.ContentType is not null)
                message.Content.Headers.TryAddWithoutValidation("Content-Type", request.ContentType);
        }
        return await site.Client.SendAsync(message, Cancellation);
    }
}
