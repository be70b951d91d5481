using System.Text;
using AngleSharp.Dom;

namespace Titanic.Web.Tests.Pages.Features;

/// <summary>Persons with several rows on the pages of upload, commit and passenger.</summary>
public sealed class PersonPagesTests(EmptySite site) : IClassFixture<EmptySite>
{
    [Fact]
    public async Task Shows_which_rows_are_copies_of_stored_persons_and_how_they_differ()
    {
        using var admin = await site.NewAdminClient();
        await Upload(admin, "351,1,1,\"Ryerson, Miss. Emily\",female,18,262.375\n352,0,3,\"Kelly, Mr. James\",male,34.5,7.8292\n353,0,3,\"Kelly, Mr. James\",male,44,8.05\n");

        var page = await Upload(admin, "361,0,1,\"RYERSON, Miss Emily\",female,19,262.375\n362,0,3,\"Kelly, Mr. James\",male,44,8.05\n363,1,2,New,male,,\n");

        Assert.StartsWith("2 rows of persons who are already stored under another key", page.Text("#copies p"), StringComparison.Ordinal);
        Assert.Equal(
            ["upload/361", "upload/351", "Age: 18 years → 19 years Outcome: survived → died"], Assert.Single(page.Rows("#copy-conflicts")));
        var commit = await admin.GetPage(page.QuerySelector("#upload-places a")!.GetAttribute("href")!);
        Assert.Equal(page.Text("#copies"), commit.Text("#copies"));
        var copy = await admin.GetPage("/features/passengers/upload/361");
        Assert.Contains("This row is a copy", copy.Text("main"), StringComparison.Ordinal);
        Assert.Equal("upload/351", copy.Rows("#person-rows")[0][0]);
        Assert.Equal("Age: 18 years → 19 years Outcome: survived → died", copy.Rows("#person-rows")[0][2]);
        var counted = await admin.GetPage("/features/passengers/upload/353");
        Assert.Equal(["upload/362"], counted.Rows("#person-rows").Select(row => row[0]));
        Assert.Null((await admin.GetPage("/features/passengers/upload/352")).QuerySelector("#person-rows"));
    }

    [Fact]
    public async Task A_correction_keeps_the_declared_person()
    {
        using var admin = await site.NewAdminClient();
        var uploaded = await Upload(admin, "371,1,1,,female,18,20,<i>7\n372,0,3,,male,,,<i>7\n", "PassengerId,Survived,Pclass,Name,Sex,Age,Fare,Person\n");
        Assert.StartsWith("1 row of persons who are already stored under another key", uploaded.Text("#copies p"), StringComparison.Ordinal);

        var page = await admin.GetPage("/features/passengers/upload/372");
        var corrected = await admin.FollowRedirect(await admin.SubmitForm(page, "#correct", ("age", "40")));

        Assert.Equal("<i>7", page.Text("#declared-person"));
        Assert.Equal(("<i>7", "upload/371"), (corrected.Text("#declared-person"), corrected.Rows("#person-rows")[0][0]));
    }

    private static async Task<IDocument> Upload(HttpClient admin, string rows, string header = "PassengerId,Survived,Pclass,Name,Sex,Age,Fare\n") => await admin.FollowRedirect(await admin.SubmitForm(
        await admin.GetPage("/features/upload"), "#upload", Encoding.UTF8.GetBytes(header + rows), ("policy", "always")));
}
