using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Titanic.Web.Access;

namespace Titanic.Web.Tests.Hosting.OpenApi;

[Collection<OneContractSite>]
public sealed class RequestExamplesTests(ContractSite site)
{
    /// <summary>In an order in which each finds what it asks for; whatever is not named comes before the last two.</summary>
    private static readonly string[] _first = ["sendPassengers", "sendOutcomes", "assignAlias", "defineTrainingDataset", "describeVersion", "reproduceVersion", "predict", "sendFeedback"];
    private static readonly string[] _last = ["deleteFeedback", "withdrawAlias", "rollBackAlias", "deletePassenger", "startRun"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_example_works_and_is_answered_as_the_document_tells()
    {
        var contract = await Contract.Of(site);
        var keys = new Dictionary<string, string> { ["ingest"] = await site.NewKey(ApiKeyScope.Ingest), ["operate"] = await site.NewKey(ApiKeyScope.Operate) };
        // The examples challenge version 1, whatever the requests before these have made the champion.
        using (var promote = new HttpRequestMessage(HttpMethod.Put, "/api/models/aliases/champion") { Headers = { { ApiKeyAuthentication.Header, keys["operate"] } } })
        {
            promote.Content = JsonContent.Create(new { version = 2, reason = "The examples need it.", force = true });
            (await site.Client.SendAsync(promote, Cancellation)).EnsureSuccessStatusCode();
        }
        var wrong = new List<string>();
        var sent = 0;
        foreach (var operation in contract.Operations.OrderBy(Place))
        {
            foreach (var (type, body) in Bodies(operation))
            {
                using var request = new HttpRequestMessage(new HttpMethod(operation.Method), operation.PathWith(parameter => $"{parameter["example"]}") + Query(operation));
                if (operation.Scope is { } scope)
                    request.Headers.Add(ApiKeyAuthentication.Header, keys[scope]);
                if (type is not null)
                    request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
                using var answer = await site.Client.SendAsync(request, Cancellation);
                sent++;
                if (await contract.ProblemOf(operation, answer) is { } problem)
                    wrong.Add($"{operation}: {problem}");
                else if (!answer.IsSuccessStatusCode && !IsExpected(operation, answer))
                    wrong.Add($"{operation}: {answer.StatusCode} {await answer.Content.ReadAsStringAsync(Cancellation)}");
            }
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.True(sent >= contract.Operations.Count);
    }

    [Fact]
    public async Task Every_example_of_a_body_is_valid()
    {
        var contract = await Contract.Of(site);
        foreach (var operation in contract.Operations)
        {
            foreach (var (type, told) in operation.Bodies?.Where(body => body.Key == "application/json").ToList() ?? [])
            {
                Assert.True(told!["examples"] is not null, $"{operation} has no example of {type}.");
                Assert.All(told["examples"]!.AsObject(), example =>
                    Assert.Null(contract.ProblemOf(told["schema"]!, Encoding.UTF8.GetBytes(example.Value!["value"]!.ToJsonString()))));
            }
        }
    }

    private static int Place(Operation operation) => Array.IndexOf(_first, operation.Id) is >= 0 and var first ? first - 100 : Array.IndexOf(_last, operation.Id) + 1;

    /// <summary>No archive is at hand.</summary>
    private static bool IsExpected(Operation operation, HttpResponseMessage answer) => (operation.Id, (int)answer.StatusCode) is ("importArchive", 422);

    private static string Query(Operation operation)
    {
        var given = operation.Parameters.Where(parameter => parameter["in"]!.GetValue<string>() == "query" && parameter["example"] is not null)
            .Select(parameter => $"{parameter["name"]}={Uri.EscapeDataString(parameter["example"] is JsonValue value ? value.ToString() : "")}").ToList();
        return given.Count == 0 ? "" : $"?{string.Join('&', given)}";
    }

    private static IEnumerable<(string? Type, byte[] Body)> Bodies(Operation operation)
    {
        if (operation.Bodies is null)
            return [(null, [])];
        return operation.Bodies.SelectMany(kind => kind.Value!["examples"] is JsonObject examples
            ? examples.Select(example => ((string?)kind.Key, Encoding.UTF8.GetBytes(kind.Key == "application/json" ? example.Value!["value"]!.ToJsonString() : example.Value!["value"]!.GetValue<string>())))
            : [((string?)kind.Key, Encoding.UTF8.GetBytes("no example"))]);
    }
}
