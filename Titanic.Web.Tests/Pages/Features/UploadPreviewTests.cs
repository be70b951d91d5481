using System.Net;
using System.Text;
using AngleSharp.Dom;

namespace Titanic.Web.Tests.Pages.Features;

/// <summary>The preview of an upload by the form, without scripts.</summary>
public sealed class UploadPreviewTests(EmptySite site) : IClassFixture<EmptySite>
{
    [Fact]
    public async Task Previews_a_file_and_imports_it_with_the_selected_columns()
    {
        using var admin = await site.NewAdminClient();
        var file = Encoding.Latin1.GetBytes("Nr;Klasse;Geschlecht;Name\n381;3;male;José\n382;1;female;Ida\n");
        var empty = await admin.GetPage("/features/upload");

        var unknown = await (await Preview(admin, empty, file, ("encoding", "windows-1252"))).ReadPage(HttpStatusCode.BadRequest);
        var preview = await (await Preview(admin, empty, file, ("encoding", "windows-1252"), ("columns", "pclass:Klasse,sex:Geschlecht"))).ReadPage(HttpStatusCode.OK);

        Assert.StartsWith("Line 1: the header", unknown.Text("#upload-problem"), StringComparison.Ordinal);
        Assert.Equal(["2", "row-", "3rd", "male", "unknown", "unknown", "José", "unknown"], preview.Rows("#preview-rows")[0].Select((cell, i) => i == 1 ? cell[..4] : cell));
        Assert.StartsWith("Read as semicolon-separated Windows-1252; columns: class ← Klasse, name ← Name, sex ← Geschlecht", preview.Text("#preview-input"), StringComparison.Ordinal);
        Assert.Equal(0, await site.Database.QueryScalar<int>($"""select count(*)::int as "Value" from passengers where name = 'José'"""));
        var result = await admin.FollowRedirect(await admin.SubmitForm(preview, "#upload", file, ("policy", "always"), ("column-passengerId", "Nr")));
        Assert.Equal(["2", "0", "0", "0", "0"], result.Rows("#upload-counts")[0]);
        Assert.StartsWith("Read as semicolon-separated Windows-1252; columns: id ← Nr, class ← Klasse", result.Text("#upload-input"), StringComparison.Ordinal);
        Assert.Equal("José", await site.Database.QueryScalar<string>($"""select name as "Value" from passengers where source_key = '381'"""));
    }

    /// <summary>Presses the button for the preview, which has an address of its own.</summary>
    private static async Task<HttpResponseMessage> Preview(HttpClient client, IDocument page, byte[] file, params (string Name, string Value)[] values)
    {
        page.QuerySelector("#upload")!.SetAttribute("action", page.QuerySelector("#show-preview")!.GetAttribute("formaction")!);
        return await client.SubmitForm(page, "#upload", file, values);
    }
}
