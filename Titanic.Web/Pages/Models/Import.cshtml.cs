using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Titanic.Web.Access;
using Titanic.Web.Lifecycle.Archives;

namespace Titanic.Web.Pages.Models;

/// <summary>Imports a model version from an uploaded archive.</summary>
[Authorize(AccessPolicies.Operator)]
[RequestSizeLimit(ArchiveLayout.MaximumBytes + FormOverheadInBytes)]
public sealed class ModelImportModel(ArchiveImport import) : PageModel
{
    private const int FormOverheadInBytes = 64 * 1024;

    /// <summary>Why the archive was rejected; null if it was not.</summary>
    public string? Problem { get; private set; }

    /// <summary>The result if the version of the archive was registered before; else null.</summary>
    public ImportedArchive? AlreadyImported { get; private set; }

    public async Task<IActionResult> OnPostAsync(IFormFile? file, CancellationToken cancellationToken)
    {
        if (file is null)
            return ShowError("No file was selected. Select the archive of a model version.", StatusCodes.Status400BadRequest);
        try
        {
            await using var content = file.OpenReadStream();
            var imported = await import.Import(content, AuditLog.CallerName(User), cancellationToken);
            if (imported.IsNew)
                return RedirectToPage("Version", null, new { version = imported.Version.Version }, "archive");
            AlreadyImported = imported;
            return Page();
        }
        catch (InvalidArchiveException invalid)
        {
            return ShowError(invalid.Message, invalid.IsTooLarge ? StatusCodes.Status413PayloadTooLarge : StatusCodes.Status422UnprocessableEntity);
        }
    }

    private PageResult ShowError(string message, int status)
    {
        Problem = message;
        Response.StatusCode = status;
        return Page();
    }
}
