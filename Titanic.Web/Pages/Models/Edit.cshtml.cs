using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Titanic.Web.Access;
using Titanic.Web.Registry;

namespace Titanic.Web.Pages.Models;

/// <summary>What people write about a version. Whoever edits words that somebody else has changed meanwhile sees those before overwriting them.</summary>
[Authorize(AccessPolicies.Operator)]
public sealed class EditModel(ModelRegistry registry) : OperatorPageModel
{
    [BindProperty]
    public string? Description { get; set; }

    /// <summary>One "key = value" a line.</summary>
    [BindProperty]
    public string? Tags { get; set; }

    public ModelVersion Version { get; private set; } = null!;

    /// <summary>Why it was not saved.</summary>
    public string? Problem { get; private set; }

    /// <summary>Somebody else has saved other words since this form was shown.</summary>
    public bool IsOutdated { get; private set; }

    public async Task<IActionResult> OnGetAsync(int version, CancellationToken cancellationToken)
    {
        if (await registry.Find(version, cancellationToken) is not { } found)
            return NotFound();
        (Version, Description, Tags) = (found, found.Description, VersionNotes.Words(found.Tags, "\n"));
        return Page();
    }

    /// <param name="revision">Of the words that the form began with.</param>
    public async Task<IActionResult> OnPostAsync(int version, int revision, CancellationToken cancellationToken)
    {
        try
        {
            await registry.Describe(
                version, new VersionEdit(revision, Description ?? "", VersionNotes.ReadTags((Tags ?? "").ReplaceLineEndings("\n").Split('\n'))), AuditLog.NameOf(User), cancellationToken);
            Message = $"The description and the tags of version {version} are saved.";
            return RedirectToPage("Version", new { version });
        }
        catch (RegistryRefusedException refused)
        {
            if (await registry.Find(version, cancellationToken) is not { } found)
                return NotFound();
            (Version, Problem, IsOutdated) = (found, refused.Message, refused.Kind == RefusalKind.Conflict);
            Response.StatusCode = RegistryProblems.StatusOf(refused.Kind);
            ModelState.Clear();
            return Page();
        }
    }

}
