using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Titanic.Web.Access;

namespace Titanic.Web.Tests.Hosting.OpenApi;

/// <summary>Uses a site of its own, because the examples refer to versions, datasets and reproductions by their numbers.</summary>
public sealed class RequestExamplesTests(ContractSite site) : IClassFixture<ContractSite>
{
    /// <summary>
    /// The operations that create what other examples refer to; the remaining operations run after these and before the last.
    /// </summary>
    private static readonly string[] _first =
        ["sendPassengers", "sendOutcomes", "assignAlias", "defineTrainingDataset", "describeVersion", "reproduceVersion", "predict", "sendFeedback"];

    private static readonly string[] _last = ["deleteFeedback", "withdrawAlias", "rollBackAlias", "deletePassenger", "startRun"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_request_example_succeeds_with_a_response_that_conforms_to_the_document()
    {
        var contract = await Contract.Load(site);
        await site.AddAlert();
        var keys = new Dictionary<string, string> { ["ingest"] = await site.NewKey(ApiKeyScope.Ingest), ["operate"] = await site.NewKey(ApiKeyScope.Operate) };
        var violations = new List<string>();
        var sent = 0;
        foreach (var operation in contract.Operations.OrderBy(OrderOf))
        {
            foreach (var (type, body) in RequestBodies(operation))
            {
                using var request = new HttpRequestMessage(new HttpMethod(operation.Method), operation.PathWith(parameter => $"{parameter["example"]}") + Query(operation));
                if (operation.Scope is { } scope)
                    request.Headers.Add(ApiKeyAuthentication.Header, keys[scope]);
                if (type is not null)
                    request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
                using var response = await site.Client.SendAsync(request, Cancellation);
                sent++;
                if (await contract.FindError(operation, response) is { } violation)
                    violations.Add($"{operation}: {violation}");
                else if (!response.IsSuccessStatusCode && !IsExpected(operation, response))
                    violations.Add($"{operation}: {response.StatusCode} {await response.Content.ReadAsStringAsync(Cancellation)}");
            }
        }
        Assert.True(violations.Count == 0, string.Join('\n', violations));
        Assert.True(sent >= contract.Operations.Count);
    }

    [Fact]
    public async Task Every_request_example_is_valid()
    {
        var contract = await Contract.Load(site);
        foreach (var operation in contract.Operations)
        {
            foreach (var (type, content) in operation.Bodies?.Where(body => body.Key == "application/json").ToList() ?? [])
            {
                Assert.True(content!["examples"] is not null, $"{operation} has no example of {type}.");
                Assert.All(content["examples"]!.AsObject(), example =>
                    Assert.Null(contract.FindError(content["schema"]!, Encoding.UTF8.GetBytes(example.Value!["value"]!.ToJsonString()))));
            }
        }
    }

    private static int OrderOf(Operation operation) => Array.IndexOf(_first, operation.Id) is >= 0 and var first ? first - 100 : Array.IndexOf(_last, operation.Id) + 1;

    /// <summary>The example of an archive is not a valid archive, and the run of the example has ended.</summary>
    private static bool IsExpected(Operation operation, HttpResponseMessage response) => (operation.Id, (int)response.StatusCode) is ("importArchive", 422) or ("cancelRun", 409);

    private static string Query(Operation operation)
    {
        var parameters = operation.Parameters.Where(parameter => parameter["in"]!.GetValue<string>() == "query" && parameter["example"] is not null)
            .Select(parameter => $"{parameter["name"]}={Uri.EscapeDataString(parameter["example"] is JsonValue value ? value.ToString() : "")}").ToList();
        return parameters.Count == 0 ? "" : $"?{string.Join('&', parameters)}";
    }

    private static IEnumerable<(string? Type, byte[] Body)> RequestBodies(Operation operation)
    {
        if (operation.Bodies is null)
            return [(null, [])];
        return operation.Bodies.SelectMany(content => content.Value!["examples"] is JsonObject examples
            ? examples.Select(example => ((string?)content.Key, Bytes(content.Key, example.Value!["value"]!)))
            : [((string?)content.Key, Encoding.UTF8.GetBytes("no example"))]);

        static byte[] Bytes(string type, JsonNode value) =>
            Encoding.UTF8.GetBytes(type == "application/json" ? value.ToJsonString() : value.GetValue<string>());
    }
}
