using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Titanic.Web.Tests.Hosting.OpenApi;

/// <summary>The document's examples of answers are those of the first version of all.</summary>
[Collection<OneModelSite>]
public sealed class AnswerExamplesTests(ModelSite site)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_is_what_the_question_of_its_name_is_answered()
    {
        var contract = await Contract.Of(site);
        var compared = new List<string>();
        foreach (var operation in contract.Operations)
        {
            if (contract.Resolve(operation.Responses["200"] ?? new JsonObject())["content"]?["application/json"] is not { } told || told["examples"] is not JsonObject examples)
                continue;
            foreach (var (name, example) in examples)
            {
                var expected = example!["value"]!;
                Assert.Null(contract.ProblemOf(told["schema"]!, Encoding.UTF8.GetBytes(expected.ToJsonString())));
                var answered = await Ask(operation, operation.Bodies!["application/json"]!["examples"]![name]!["value"]!);
                Assert.Equal(WithoutWhatIsNew(expected).ToJsonString(), WithoutWhatIsNew(answered).ToJsonString());
                compared.Add($"{operation.Id} {name}");
            }
        }
        Assert.Equal(["infer two", "inferByVersion two", "predict many", "predict one", "scoreByMlflow split"], compared.Order(StringComparer.Ordinal));
    }

    private async Task<JsonNode> Ask(Operation operation, JsonNode question)
    {
        using var body = new ByteArrayContent(Encoding.UTF8.GetBytes(question.ToJsonString()));
        body.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var answer = await site.Client.PostAsync(operation.PathWith(parameter => $"{parameter["example"]}"), body, Cancellation);
        return JsonNode.Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync(Cancellation))!;
    }

    /// <summary>Rows have another number each time, and another instant.</summary>
    private static JsonNode WithoutWhatIsNew(JsonNode answer)
    {
        foreach (var node in answer is JsonArray many ? many.Select(one => one!) : [answer])
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
