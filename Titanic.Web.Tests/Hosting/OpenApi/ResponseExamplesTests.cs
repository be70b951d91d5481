using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Titanic.Web.Tests.Hosting.OpenApi;

/// <summary>The examples of responses in the document are the responses of the first model version.</summary>
[Collection<ModelSiteCollection>]
public sealed class ResponseExamplesTests(ModelSite site)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_response_example_matches_the_response_to_the_request_example_of_its_name()
    {
        var contract = await Contract.Load(site);
        var compared = new List<string>();
        foreach (var operation in contract.Operations)
        {
            if (contract.Resolve(operation.Responses["200"] ?? new JsonObject())["content"]?["application/json"] is not { } content || content["examples"] is not JsonObject examples)
                continue;
            foreach (var (name, example) in examples)
            {
                var expected = example!["value"]!;
                Assert.Null(contract.FindError(content["schema"]!, Encoding.UTF8.GetBytes(expected.ToJsonString())));
                var actual = await Send(operation, operation.Bodies!["application/json"]!["examples"]![name]!["value"]!);
                Assert.Equal(WithoutVolatileMembers(expected).ToJsonString(), WithoutVolatileMembers(actual).ToJsonString());
                compared.Add($"{operation.Id} {name}");
            }
        }
        Assert.Equal(["infer two", "inferByVersion two", "predict many", "predict one", "scoreByMlflow split"], compared.Order(StringComparer.Ordinal));
    }

    private async Task<JsonNode> Send(Operation operation, JsonNode input)
    {
        using var body = new ByteArrayContent(Encoding.UTF8.GetBytes(input.ToJsonString()));
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await site.Client.PostAsync(operation.PathWith(parameter => $"{parameter["example"]}"), body, Cancellation);
        return JsonNode.Parse(await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync(Cancellation))!;
    }

    /// <summary>Removes the IDs and timestamps, which differ in every response.</summary>
    private static JsonNode WithoutVolatileMembers(JsonNode response)
    {
        foreach (var node in response is JsonArray items ? items.Select(item => item!) : [response])
        {
            if (node["createdAt"] is not null)
                (node["id"], node["createdAt"]) = (null, null);
            foreach (var prediction in node["predictions"]?.AsArray() ?? [])
                prediction!["prediction_id"] = null;
            foreach (var tensor in node["outputs"]?.AsArray().Where(tensor => tensor!["name"]!.GetValue<string>() == "prediction_id") ?? [])
                tensor!["data"] = null;
        }
        return response;
    }
}
