using Microsoft.EntityFrameworkCore;
using Titanic.Web.Access;
using Titanic.Web.Registry;

namespace Titanic.Web.Tests.Registry;

public sealed class VersionNotesTests(TestPostgres postgres) : TrainedDatabaseTests(postgres)
{
    [Fact]
    public async Task An_edit_is_stored_with_the_words_before_and_after_in_the_audit_log()
    {
        var before = await Version();

        Assert.Equal(1, await Describe(0, " Two lines\r\nof <b>words</b> ", new() { ["stage"] = "canary" }));

        var after = await Version();
        Assert.Equal(("Two lines\nof <b>words</b>", "canary", 1), (after.Description, after.Tags["stage"], after.Revision));
        var entry = await Audit();
        Assert.Equal(("a test", "version described", "version 1"), (entry!.Who, entry.What, entry.Subject));
        Assert.Equal($"description \"{before.Description}\" to \"Two lines\nof <b>words</b>\"; tags \"\" to \"stage = canary\"", entry.Details);
    }

    [Fact]
    public async Task Who_edits_words_that_have_changed_meanwhile_is_told_and_overwrites_nothing()
    {
        await Describe(0, "first", null);

        var refused = await Assert.ThrowsAsync<RegistryRefusedException>(() => Describe(0, "second", null));

        Assert.Equal(RefusalKind.Conflict, refused.Kind);
        Assert.Equal("Version 1 was edited meanwhile: you read revision 0, and it is at 1 now. Look again before you change it.", refused.Message);
        Assert.Equal("first", (await Version()).Description);
    }

    [Fact]
    public async Task Of_two_edits_at_once_one_is_told()
    {
        var edits = await Task.WhenAll(Enumerable.Range(1, 4).Select(async i =>
        {
            try
            {
                return await Describe(0, $"edit {i}", null);
            }
            catch (RegistryRefusedException)
            {
                return -1;
            }
        }));

        Assert.Equal([-1, -1, -1, 1], edits.Order());
    }

    [Fact]
    public async Task What_is_left_out_stays_and_what_says_the_same_changes_nothing()
    {
        await Describe(0, "words", new() { ["a"] = "1" });
        Assert.Equal(2, await Describe(1, null, new() { ["b"] = "2" }));
        Assert.Equal(3, await Describe(2, "other words", null));
        var entries = await Workflow.Count("access.audit_log");

        Assert.Equal(3, await Describe(3, "other words", new() { ["b"] = "2" }));

        var version = await Version();
        Assert.Equal(("other words", "b = 2"), (version.Description, VersionNotes.Words(version.Tags)));
        Assert.Equal(entries, await Workflow.Count("access.audit_log"));
    }

    [Theory]
    [InlineData("Stage", "x", "The tag \"Stage\" must have 1 to 50 letters a to z")]
    [InlineData("", "x", "The tag \"\" must have")]
    [InlineData("a\n", "x", "must have 1 to 50 letters")]
    [InlineData("stage", "a\0b", "The value of tag stage has the control character U+0000; it must be plain text.")]
    public async Task Tags_that_cannot_be_kept_are_refused(string key, string value, string problem)
    {
        var refused = await Assert.ThrowsAsync<RegistryRefusedException>(() => Describe(0, null, new() { [key] = value }));

        Assert.Equal(RefusalKind.Unclear, refused.Kind);
        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_much_is_refused()
    {
        await Refused("The description has 2001 characters; it must have 0 to 2000.", () => Describe(0, new string('x', 2001), null));
        await Refused("There are 21 tags; there may be 20.", () => Describe(0, null, Enumerable.Range(1, 21).ToDictionary(i => $"t{i}", _ => "")));
        await Refused("There is no version 9 of titanic_knn.", () => Workflow.In<ModelRegistry, int>(registry => registry.Describe(9, new VersionEdit(0, ""), "a test", Cancellation)));

        static async Task Refused(string message, Func<Task> edit) => Assert.Equal(message, (await Assert.ThrowsAsync<RegistryRefusedException>(edit)).Message);
    }

    [Fact]
    public void Tags_are_read_as_people_type_them()
    {
        Assert.Equal([new("stage", "canary = yes"), new("team", "")], VersionNotes.ReadTags(["", " stage = canary = yes ", "team="]));
        Assert.Contains("\"stage\" has no value", Assert.Throws<RegistryRefusedException>(() => VersionNotes.ReadTags(["stage"])).Message, StringComparison.Ordinal);
        Assert.Contains("\"a\" is given twice", Assert.Throws<RegistryRefusedException>(() => VersionNotes.ReadTags(["a=1", "a=2"])).Message, StringComparison.Ordinal);
    }

    private Task<int> Describe(int revision, string? description, Dictionary<string, string>? tags) =>
        Workflow.In<ModelRegistry, int>(registry => registry.Describe(1, new VersionEdit(revision, description, tags), "a test", Cancellation));

    private Task<ModelVersion> Version() => Workflow.Ask(db => db.ModelVersions.SingleAsync(Cancellation));

    private Task<AuditEntry?> Audit() => Workflow.Ask(db => db.Set<AuditEntry>().OrderByDescending(e => e.Id).FirstOrDefaultAsync(Cancellation));
}
