using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Titanic.Web.Tests.Pages;

namespace Titanic.Web.Tests.Monitoring.WhatIf;

[Collection<FullSiteCollection>]
public sealed class WhatIfApiTests(FullSite site)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("?asOf=3999-01-01")] // computed from the predictions
    public async Task Returns_all_policies_on_the_same_predictions(string query)
    {
        var response = await Get(query);

        var policies = response.GetProperty("policies").EnumerateArray().ToList();
        var evaluated = await site.Database.QueryScalar<long>(
            $"""select count(*) as "Value" from predictions p join outcomes o on o.passenger_id = p.passenger_id and o.superseded_by is null where p.is_live""");
        Assert.Equal(["served", "gate", "newest", "first"], policies.Select(policy => policy.GetProperty("policy").GetString()));
        Assert.All(policies, policy => Assert.Equal(evaluated, policy.GetProperty("rows").GetInt64() + policies[0].GetProperty("leftOut").GetInt64()));
        Assert.NotEqual(0, policies[0].GetProperty("rows").GetInt64());
        Assert.Equal(JsonValueKind.Null, policies[0].GetProperty("difference").ValueKind);
        Assert.All(policies.Skip(1), policy => Assert.Equal(
            policy.GetProperty("rows").GetInt64(),
            new[] { "bothRight", "onlyServedRight", "onlyPolicyRight", "bothWrong" }.Sum(name => policy.GetProperty("difference").GetProperty(name).GetInt64())));
    }

    [Fact]
    public async Task The_page_shows_the_same_values()
    {
        var accuracy = (await Get("")).GetProperty("policies")[0].GetProperty("accuracy").GetProperty("value").GetDouble();

        var page = await site.Get("/monitoring");

        Assert.Equal(4, page.QuerySelectorAll("#what-if-policies tbody tr").Length);
        Assert.StartsWith(Format.Percent(accuracy), page.Text("#what-if-policies tr[data-policy=served] td"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?days=0", "The parameter days is \"0\"; it must be a whole number between 1 and 90.")]
    [InlineData("?from=2026-01-01&to=2026-12-31", "The number of days from from to to is 365; it must be between 1 and 90.")]
    [InlineData("?version=1", "There is no query parameter \"version\"; there are from, to, days, asOf.")]
    public async Task Rejects_invalid_parameters(string query, string message)
    {
        using var response = await site.Client.GetAsync("/api/monitoring/what-if" + query, Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal(message, (await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).GetProperty("detail").GetString());
    }

    private async Task<JsonElement> Get(string query) => await site.Client.GetFromJsonAsync<JsonElement>("/api/monitoring/what-if" + query, Cancellation);
}
