using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Titanic.Web.Access;
using Titanic.Web.Registry;

namespace Titanic.Web.Pages.Models;

/// <summary>Edits the description and the tags of a version, and shows a concurrent edit before it can be overwritten.</summary>
[Authorize(AccessPolicies.Operator)]
public sealed class EditModel(ModelRegistry registry) : OperatorPageModel
{
    [BindProperty]
    public string? Description { get; set; }

    /// <summary>One "key = value" per line.</summary>
    [BindProperty]
    public string? Tags { get; set; }

    public ModelVersion Version { get; private set; } = null!;

    /// <summary>Why the edit was not saved; null if it was.</summary>
    public string? Problem { get; private set; }

    /// <summary>Whether another user saved an edit after this form was shown.</summary>
    public bool IsOutdated { get; private set; }

    public async Task<IActionResult> OnGetAsync(int version, CancellationToken cancellationToken)
    {
        if (await registry.Find(version, cancellationToken) is not { } found)
            return ErrorModel.NotFound(HttpContext, ModelRegistry.NotFoundMessage(version));
        (Version, Description, Tags) = (found, found.Description, VersionNotes.FormatTags(found.Tags, "\n"));
        return Page();
    }

    /// <param name="revision">The revision of the version when the form was shown.</param>
    public async Task<IActionResult> OnPostAsync(int version, int revision, CancellationToken cancellationToken)
    {
        try
        {
            await registry.EditNotes(
                version, new VersionEdit(revision, Description ?? "", VersionNotes.ParseTags((Tags ?? "").ReplaceLineEndings("\n").Split('\n'))), AuditLog.CallerName(User), cancellationToken);
            Message = $"Description and tags of version {version} saved.";
            return RedirectToPage("Version", new { version });
        }
        catch (RegistryException failure)
        {
            if (await registry.Find(version, cancellationToken) is not { } found)
                return ErrorModel.NotFound(HttpContext, ModelRegistry.NotFoundMessage(version));
            (Version, Problem, IsOutdated) = (found, failure.Message, failure.Kind == RegistryErrorKind.Conflict);
            Response.StatusCode = RegistryProblems.StatusOf(failure.Kind);
            ModelState.Clear();
            return Page();
        }
    }
}
