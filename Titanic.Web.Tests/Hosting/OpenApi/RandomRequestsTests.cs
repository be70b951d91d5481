using FsCheck;
using FsCheck.Fluent;
using Titanic.Web.Access;

namespace Titanic.Web.Tests.Hosting.OpenApi;

/// <summary>Valid and invalid requests generated from the document, with a fixed seed.</summary>
[Collection<OneContractSite>]
public sealed class RandomRequestsTests(ContractSite site)
{
    private const int PerSlowOperation = 5;

    /// <summary>More requests in CI than in a local run, which must be short.</summary>
    private static readonly int _perOperation = Repetitions.Of(developer: 25, continuousIntegration: 100);

    /// <summary>The operations whose valid requests train a model or read every row.</summary>
    private static readonly string[] _slow = ["reproduceVersion", "verifyTrainingDataset", "compareVersions", "downloadArchive", "startRun"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_response_conforms_to_the_document_and_no_status_is_5xx()
    {
        var contract = await Contract.Load(site);
        var requests = new RequestGenerator(new SchemaValues(contract));
        var keys = new Dictionary<string, string>
        {
            ["ingest"] = await site.NewKey(ApiKeyScope.Ingest),
            ["operate"] = await site.NewKey(ApiKeyScope.Operate),
            ["predict"] = await site.NewKey(ApiKeyScope.Predict),
        };
        var violations = new List<string>();
        foreach (var operation in contract.Operations)
        {
            var sample = Sample(requests.For(operation), _slow.Contains(operation.Id) ? PerSlowOperation : _perOperation);
            foreach (var request in sample)
            {
                using var response = await Send(request, keys);
                if (await contract.FindError(operation, response) is { } violation)
                    violations.Add($"{request}\n    -> {violation}");
            }
        }
        Assert.True(violations.Count == 0, $"{violations.Count}:\n{string.Join('\n', violations.Take(40))}");
    }

    private static List<SentRequest> Sample(Gen<SentRequest> requests, int count)
    {
        var generated = new List<SentRequest>();
        var configuration = Config.QuickThrowOnFailure.WithMaxTest(count).WithReplay(1912, 415).WithQuietOnSuccess(true);
        Check.One(configuration, Prop.ForAll(requests.ToArbitrary(), generated.Add));
        return generated;
    }

    private async Task<HttpResponseMessage> Send(SentRequest request, Dictionary<string, string> keys)
    {
        using var message = new HttpRequestMessage(new HttpMethod(request.Operation.Method), request.Address);
        var key = request.Key switch
        {
            "none" => null,
            "right" => keys[request.Operation.Scope ?? "predict"],
            "wrong" => keys["predict"],
            _ => "titanic_unknown",
        };
        if (key is not null)
            message.Headers.Add(ApiKeyAuthentication.Header, key);
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
