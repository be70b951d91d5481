using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Titanic.Web.Tests.Hosting.OpenApi;

/// <summary>The examples of responses in the document are the responses of the first model version.</summary>
[Collection<OneModelSite>]
public sealed class AnswerExamplesTests(ModelSite site)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_response_example_matches_the_response_to_the_request_example_of_its_name()
    {
        var contract = await Contract.Of(site);
        var compared = new List<string>();
        foreach (var operation in contract.Operations)
        {
            if (contract.Resolve(operation.Responses["200"] ?? new JsonObject())["content"]?["application/json"] is not { } content || content["examples"] is not JsonObject examples)
                continue;
            foreach (var (name, example) in examples)
            {
                var expected = example!["value"]!;
                Assert.Null(contract.ProblemOf(content["schema"]!, Encoding.UTF8.GetBytes(expected.ToJsonString())));
                var actual = await Ask(operation, operation.Bodies!["application/json"]!["examples"]![name]!["value"]!);
                Assert.Equal(WithoutWhatIsNew(expected).ToJsonString(), WithoutWhatIsNew(actual).ToJsonString());
                compared.Add($"{operation.Id} {name}");
            }
        }
        Assert.Equal(["infer two", "inferByVersion two", "predict many", "predict one", "scoreByMlflow split"], compared.Order(StringComparer.Ordinal));
    }

    private async Task<JsonNode> Ask(Operation operation, JsonNode question)
    {
        using var body = new ByteArrayContent(Encoding.UTF8.GetBytes(question.ToJsonString()));
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await site.Client.PostAsync(operation.PathWith(parameter => $"{parameter["example"]}"), body, Cancellation);
        return JsonNode.Parse(await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync(Cancellation))!;
    }

    /// <summary>Removes the IDs and timestamps, which differ in every response.</summary>
    private static JsonNode WithoutWhatIsNew(JsonNode answer)
    {
        foreach (var node in answer is JsonArray items ? items.Select(item => item!) : [answer])
        {
            if (node["createdAt"] is not null)
                (node["id"], node["createdAt"]) = (null, null);
            foreach (var prediction in node["predictions"]?.AsArray() ?? [])
                prediction!["prediction_id"] = null;
            foreach (var tensor in node["outputs"]?.AsArray().Where(tensor => tensor!["name"]!.GetValue<string>() == "prediction_id") ?? [])
                tensor!["data"] = null;
        }
        return answer;
    }
}
