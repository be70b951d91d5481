using Microsoft.EntityFrameworkCore;
using Titanic.Web.Access;
using Titanic.Web.Registry;

namespace Titanic.Web.Tests.Registry;

public sealed class VersionNotesTests(TestPostgres postgres) : TrainedDatabaseTests(postgres)
{
    [Fact]
    public async Task The_audit_entry_of_an_edit_has_the_old_and_the_new_text()
    {
        var before = await Version();

        Assert.Equal(1, await Describe(0, " Two lines\r\nof <b>text</b> ", new() { ["stage"] = "canary" }));

        var after = await Version();
        Assert.Equal(("Two lines\nof <b>text</b>", "canary", 1), (after.Description, after.Tags["stage"], after.Revision));
        var entry = await Audit();
        Assert.Equal(("a test", "version described", "version 1"), (entry!.Who, entry.What, entry.Subject));
        Assert.Equal(
            $"description \"{before.Description}\" to \"Two lines\nof <b>text</b>\"; tags \"\" to \"stage = canary\"", entry.Details);
    }

    [Fact]
    public async Task Rejects_an_edit_of_an_outdated_revision()
    {
        await Describe(0, "first", null);

        var error = await Assert.ThrowsAsync<RegistryException>(() => Describe(0, "second", null));

        Assert.Equal(RegistryErrorKind.Conflict, error.Kind);
        Assert.Equal("Version 1 was edited in the meantime: you read revision 0, the current revision is 1. Reload it and edit again.", error.Message);
        Assert.Equal("first", (await Version()).Description);
    }

    [Fact]
    public async Task Only_one_of_several_concurrent_edits_succeeds()
    {
        var edits = await Task.WhenAll(Enumerable.Range(1, 4).Select(async i =>
        {
            try
            {
                return await Describe(0, $"edit {i}", null);
            }
            catch (RegistryException)
            {
                return -1;
            }
        }));

        Assert.Equal([-1, -1, -1, 1], edits.Order());
    }

    [Fact]
    public async Task Keeps_omitted_values_and_ignores_edits_without_a_change()
    {
        await Describe(0, "text", new() { ["a"] = "1" });
        Assert.Equal(2, await Describe(1, null, new() { ["b"] = "2" }));
        Assert.Equal(3, await Describe(2, "other text", null));
        var entries = await Workflow.Count("access.audit_log");

        Assert.Equal(3, await Describe(3, "other text", new() { ["b"] = "2" }));

        var version = await Version();
        Assert.Equal(("other text", "b = 2"), (version.Description, VersionNotes.FormatTags(version.Tags)));
        Assert.Equal(entries, await Workflow.Count("access.audit_log"));
    }

    [Theory]
    [InlineData("Stage", "x", "The key of a tag is \"Stage\"; it must be 1 to 50 letters a to z")]
    [InlineData("", "x", "The key of a tag is empty; it must be")]
    [InlineData("a\n", "x", "must be 1 to 50 letters")]
    [InlineData("stage", "a\0b", "The value of tag stage has the control character U+0000; it must be plain text.")]
    public async Task Rejects_invalid_tags(string key, string value, string problem)
    {
        var error = await Assert.ThrowsAsync<RegistryException>(() => Describe(0, null, new() { [key] = value }));

        Assert.Equal(RegistryErrorKind.Invalid, error.Kind);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rejects_too_long_texts_too_many_tags_and_unknown_versions()
    {
        await Rejects("The description has 2,001 characters; it must have 0 to 2,000.", () => Describe(0, new string('x', 2001), null));
        await Rejects("There are 21 tags; there must be at most 20.", () => Describe(0, null, Enumerable.Range(1, 21).ToDictionary(i => $"t{i}", _ => "")));
        await Rejects("There is no version 9 of titanic_knn; the page /models and GET /api/models list the versions.", () => Workflow.InScope<ModelRegistry, int>(registry => registry.EditNotes(9, new VersionEdit(0, ""), "a test", Cancellation)));

        static async Task Rejects(string message, Func<Task> edit) => Assert.Equal(message, (await Assert.ThrowsAsync<RegistryException>(edit)).Message);
    }

    [Fact]
    public void Parses_tags_from_lines()
    {
        Assert.Equal([new("stage", "canary = yes"), new("team", "")], VersionNotes.ParseTags(["", " stage = canary = yes ", "team="]));
        Assert.Contains("\"stage\" has no value", Assert.Throws<RegistryException>(() => VersionNotes.ParseTags(["stage"])).Message, StringComparison.Ordinal);
        Assert.Contains("\"a\" is given twice", Assert.Throws<RegistryException>(() => VersionNotes.ParseTags(["a=1", "a=2"])).Message, StringComparison.Ordinal);
    }

    private Task<int> Describe(int revision, string? description, Dictionary<string, string>? tags) =>
        Workflow.InScope<ModelRegistry, int>(registry => registry.EditNotes(1, new VersionEdit(revision, description, tags), "a test", Cancellation));

    private Task<ModelVersion> Version() => Workflow.Query(db => db.ModelVersions.SingleAsync(Cancellation));

    private Task<AuditEntry?> Audit() => Workflow.Query(db => db.Set<AuditEntry>().OrderByDescending(e => e.Id).FirstOrDefaultAsync(Cancellation));
}
