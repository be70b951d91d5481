using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Titanic.Web.Pipelines;

namespace Titanic.Web.Tests.Pages.Features;

/// <summary>A backfill of a passenger list with 60 invalid rows of 61.</summary>
public sealed class RejectedRowsTests(EmptySite site) : IClassFixture<EmptySite>
{
    [Fact]
    public async Task Shows_operators_rejected_rows_in_pages_and_encodes_their_values()
    {
        var list = Path.GetTempFileName();
        try
        {
            string[] invalidRows = [.. Enumerable.Range(2, 60).Select(id => $"{id},0,9,<b>Bold</b>,male,20,0,0,x,7.25,,S")];
            await File.WriteAllLinesAsync(
                list, ["PassengerId,Survived,Pclass,Name,Sex,Age,SibSp,Parch,Ticket,Fare,Cabin,Embarked", "1,1,1,Ada,female,30,0,0,x,80,,S", .. invalidRows],
                TestContext.Current.CancellationToken);
            var run = await site.Services.GetRequiredService<PipelineRunner>().Run(
                new RunRequest(PipelineNames.Feature, new DateOnly(2026, 11, 23), RunTrigger.CommandLine, list), TestContext.Current.CancellationToken);
            Assert.Equal(RunStatus.Succeeded, run.Status);
        }
        finally
        {
            File.Delete(list);
        }

        var report = await site.Database.QueryScalar<long>($"""select max(validation_id) as "Value" from validation_reports""");
        using var admin = await site.NewAdminClient();
        var first = await admin.GetPage($"/features/validations/{report}");
        Assert.Equal(50, first.Rows("#rejected-rows").Count);
        Assert.Equal("3", first.Rows("#rejected-rows")[0][0]);
        Assert.Contains("9", first.Rows("#rejected-rows")[0][1], StringComparison.Ordinal);
        Assert.Null(first.QuerySelector("#rejected-rows b"));

        var second = await admin.GetPage(first.QuerySelector("a[rel=next]")!.GetAttribute("href")!);
        Assert.Equal(10, second.Rows("#rejected-rows").Count);
        Assert.Equal("53", second.Rows("#rejected-rows")[0][0]);
        Assert.Null(second.QuerySelector("a[rel=next]"));

        var ofVisitor = await site.Get($"/features/validations/{report}");
        Assert.StartsWith("60 rows rejected.", ofVisitor.Text("#rejected-hidden"), StringComparison.Ordinal);
        Assert.DoesNotContain("Bold", ofVisitor.Body!.TextContent, StringComparison.Ordinal);
        using var csv = await site.Client.GetAsync($"/features/validations/{report}/rejected", TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.Redirect, "/login"), (csv.StatusCode, csv.Headers.Location!.AbsolutePath));
        using var rows = await site.Client.GetAsync($"/api/validations/{report}/rejections", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, rows.StatusCode);
    }
}
