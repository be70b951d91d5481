using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Titanic.Web.Passengers;
using Titanic.Web.Tests.Pages;

namespace Titanic.Web.Tests.Hosting.OpenApi;

[Collection(SharedSites.Name)]
public sealed partial class ApiDocumentTests(EmptySite empty, FullSite full)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Contains_exactly_the_endpoints_for_API_clients()
    {
        var contract = await Contract.Load(empty);
        var mapped = empty.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is null or { ExcludeFromDescription: false })
            .Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/api/", StringComparison.Ordinal) || endpoint.Metadata.GetMetadata<IEndpointNameMetadata>() is not null)
            .SelectMany(endpoint => endpoint.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods.Select(method => $"{method} {WithoutConstraints(endpoint.RoutePattern.RawText!)}"));

        Assert.Equal(mapped.Order(), contract.Operations.Select(operation => operation.ToString()).Order());
        Assert.Contains("POST /api/predictions", contract.Operations.Select(operation => operation.ToString()));
    }

    [Fact]
    public async Task No_endpoint_below_api_is_excluded()
    {
        var hidden = empty.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(endpoint => endpoint.RoutePattern.RawText!.StartsWith("/api/", StringComparison.Ordinal))
            .Where(endpoint => endpoint.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is { ExcludeFromDescription: true });

        Assert.Empty(hidden);
        Assert.NotEmpty((await Contract.Load(empty)).Operations);
    }

    [Fact]
    public async Task Has_the_same_bytes_at_every_start_for_any_data() =>
        Assert.Equal(await empty.Client.GetByteArrayAsync("/openapi/v1.json", Cancellation), await full.Client.GetByteArrayAsync("/openapi/v1.json", Cancellation));

    [Fact]
    public async Task Every_operation_and_parameter_has_a_description_without_code()
    {
        var contract = await Contract.Load(empty);
        var tags = contract.Document["tags"]!.AsArray().ToDictionary(tag => tag!["name"]!.GetValue<string>(), tag => tag!["description"]?.GetValue<string>());

        Assert.All(contract.Operations, operation =>
        {
            Assert.Matches("^[a-z][A-Za-z0-9]+$", operation.Id);
            Assert.Matches("^[A-Z][^.]{2,49}$", operation.Definition["summary"]!.GetValue<string>()); // a title, not a sentence
            Assert.NotNull(operation.Definition["description"]);
            Assert.All(operation.Definition["tags"]!.AsArray(), tag => Assert.NotNull(tags[tag!.GetValue<string>()]));
            Assert.All(operation.Parameters, parameter => Assert.True(parameter["description"] is not null, $"{operation}: {parameter["name"]} is not described."));
            Assert.All(operation.Parameters.Where(parameter => parameter["in"]!.GetValue<string>() == "path"), parameter => Assert.NotNull(parameter["example"]));
        });
        Assert.Equal(contract.Operations.Count, contract.Operations.Select(operation => operation.Id).Distinct().Count());
        Assert.All(Descriptions(contract.Document), description => Assert.DoesNotMatch(Code(), description));
    }

    [Fact]
    public async Task The_prediction_input_has_the_limits_of_its_validator()
    {
        var input = (await Contract.Load(empty)).Document["components"]!["schemas"]!["PredictionInput"]!;
        var members = input["properties"]!;

        Assert.Equal(["pclass", "sex"], input["required"]!.AsArray().Select(name => name!.GetValue<string>()));
        Assert.Equal("[1,2,3]", members["pclass"]!["enum"]!.ToJsonString());
        Assert.Equal("""["male","female"]""", members["sex"]!["enum"]!.ToJsonString());
        Assert.Equal((0, PassengerLimits.MaximumAgeInYears), (members["age"]!["minimum"]!.GetValue<double>(), members["age"]!["maximum"]!.GetValue<double>()));
        Assert.Equal((0, PassengerLimits.MaximumFareInPounds), (members["fare"]!["minimum"]!.GetValue<double>(), members["fare"]!["maximum"]!.GetValue<double>()));
        Assert.Equal("""["null","number"]""", members["age"]!["type"]!.ToJsonString());
    }

    [Fact]
    public async Task Every_response_example_is_valid()
    {
        var contract = await Contract.Load(empty);
        var examples = contract.Document["components"]!["responses"]!.AsObject().SelectMany(response => response.Value!["content"]!.AsObject()).ToList();

        Assert.NotEmpty(examples);
        Assert.All(examples, content => Assert.Null(
            contract.FindError(content.Value!["schema"]!, System.Text.Encoding.UTF8.GetBytes(content.Value!["example"]!.ToJsonString()))));
    }

    private static string WithoutConstraints(string route) => "/" + Constraint().Replace(route, "").Trim('/');

    private static IEnumerable<string> Descriptions(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => member is { Key: "description", Value: JsonValue text } ? [text.GetValue<string>()] : Descriptions(member.Value)),
        JsonArray items => items.SelectMany(Descriptions),
        _ => [],
    };

    [GeneratedRegex(@":[^}]+(?=\})|(?<=\{[^}]*)\?(?=\})")]
    private static partial Regex Constraint();

    [GeneratedRegex(@"&lt;|\bTask\b|\bIReadOnly|[a-z][A-Z]\w*\.[A-Z]|\bint [A-Z]|\bstring [A-Z]")]
    private static partial Regex Code();
}
